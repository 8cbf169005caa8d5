/// The schemas room.
@NullMarked
package dev.otherix.schemas;

import org.jspecify.annotations.NullMarked;
