/// A whole server, put together: the chain that every request passes, and the process around it.
@NullMarked
package dev.otherix.apiserver.server;

import org.jspecify.annotations.NullMarked;
