/// Which server a command talks to, and as whom: options, environment, configuration file, the
/// local socket, in this order.
@NullMarked
package dev.otherix.ctl.connect;

import org.jspecify.annotations.NullMarked;
