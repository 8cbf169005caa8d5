/// The streams of machines at somebody's terminal: the console, the log, the screen.
@NullMarked
package dev.otherix.ctl.stream;

import org.jspecify.annotations.NullMarked;
