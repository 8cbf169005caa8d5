/// The control plane of machines put together: its controllers, its actions and its rules, for a
/// process that holds a server.
@NullMarked
package dev.otherix.controllers.plane;

import org.jspecify.annotations.NullMarked;
