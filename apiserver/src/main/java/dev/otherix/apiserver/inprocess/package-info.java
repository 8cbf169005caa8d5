/// The way to a server for programs in its own process: the same requests and the same checks,
/// without a socket.
@NullMarked
package dev.otherix.apiserver.inprocess;

import org.jspecify.annotations.NullMarked;
