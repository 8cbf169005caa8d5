/// What the server costs over the wire, side by side with a bare handler that writes the same
/// bytes. See hack/bench/api.
@NullMarked
package dev.otherix.bench.api;

import org.jspecify.annotations.NullMarked;
