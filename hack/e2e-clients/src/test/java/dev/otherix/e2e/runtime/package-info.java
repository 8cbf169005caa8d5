/// The benchmark of informers and of the controller runtime, next to fabric8's client; no tests.
@NullMarked
package dev.otherix.e2e.runtime;

import org.jspecify.annotations.NullMarked;
