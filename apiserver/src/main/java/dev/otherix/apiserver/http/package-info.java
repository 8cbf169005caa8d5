/// The wire: sockets, TLS, HTTP/1.1, HTTP/2 and WebSocket. Hands whole requests to a [Handler] and
/// writes what it answers. Knows no kinds and no verbs.
@NullMarked
package dev.otherix.apiserver.http;

import org.jspecify.annotations.NullMarked;
