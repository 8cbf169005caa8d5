/// Waiting for the server: what is ready, what is pending and why, shown while it goes on.
@NullMarked
package dev.otherix.ctl.progress;

import org.jspecify.annotations.NullMarked;
