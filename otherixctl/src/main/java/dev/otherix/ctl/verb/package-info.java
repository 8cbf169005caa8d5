/// The verbs that work on every kind that a server serves.
@NullMarked
package dev.otherix.ctl.verb;

import org.jspecify.annotations.NullMarked;
