/// What things cost. Run by `hack/bench/objects`.
@NullMarked
package dev.otherix.bench;

import org.jspecify.annotations.NullMarked;
