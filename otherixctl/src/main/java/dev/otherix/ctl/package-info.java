/// The command line, and the launchers of every process.
@NullMarked
package dev.otherix.ctl;

import org.jspecify.annotations.NullMarked;
