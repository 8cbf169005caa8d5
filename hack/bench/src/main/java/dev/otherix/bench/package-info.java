/// What things cost. Run by `hack/benchmark`.
@NullMarked
package dev.otherix.bench;

import org.jspecify.annotations.NullMarked;
