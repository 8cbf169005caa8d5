/// Brings people to the consoles, screens and logs of machines, through the server: agents hold a
/// connection by which they are called, so that nobody needs to reach them.
@NullMarked
package dev.otherix.controllers.relay;

import org.jspecify.annotations.NullMarked;
