/// The otherixctl room.
@NullMarked
package dev.otherix.otherixctl;

import org.jspecify.annotations.NullMarked;
