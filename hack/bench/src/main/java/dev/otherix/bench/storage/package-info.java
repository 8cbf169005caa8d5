/// What durable writes cost, engine beside engine.
@NullMarked
package dev.otherix.bench.storage;

import org.jspecify.annotations.NullMarked;
