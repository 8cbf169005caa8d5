/// The controller of `examples/widget` on the Java Operator SDK: what people run today works on our
/// server as it is. `hack/bench/lines` counts both.
@NullMarked
package dev.otherix.e2e.josdk;

import org.jspecify.annotations.NullMarked;
