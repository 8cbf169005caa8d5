/// What the host's network costs.
@NullMarked
package dev.otherix.bench.net;

import org.jspecify.annotations.NullMarked;
