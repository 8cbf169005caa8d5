/// The bench room.
@NullMarked
package dev.otherix.bench;

import org.jspecify.annotations.NullMarked;
