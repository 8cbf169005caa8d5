/// The apiserver room.
@NullMarked
package dev.otherix.apiserver;

import org.jspecify.annotations.NullMarked;
