/// What machines write to their serial consoles.
@NullMarked
package dev.otherix.agent.console;

import org.jspecify.annotations.NullMarked;
