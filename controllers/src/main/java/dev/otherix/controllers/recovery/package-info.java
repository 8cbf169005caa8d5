/// Machines of nodes that are gone, made anew on others once it is certain that they run no more.
@NullMarked
package dev.otherix.controllers.recovery;

import org.jspecify.annotations.NullMarked;
