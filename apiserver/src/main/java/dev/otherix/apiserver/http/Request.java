package dev.otherix.apiserver.http;

/// One request, whole: its body has arrived.
///
/// @param method in upper case
/// @param path as on the wire, percent-encoded, without the query
/// @param query as on the wire, without the question mark; empty when there is none
/// @param body not to be changed
/// @param webSocket whether the client asked to go on as a WebSocket: an [Answer.Stream] then
///   becomes one
/// @param mayWait whether the thread that handles it may block or compute for long. When not, it is
///   the connection's event loop, and a handler that cannot answer from memory at once throws
///   [WouldWait]; it is then called again, with a thread of its own
public record Request(
    String method,
    String path,
    String query,
    Headers headers,
    byte[] body,
    Peer peer,
    boolean webSocket,
    boolean mayWait) {

  /// The same request for a thread of its own.
  Request onThread() {
    return new Request(method, path, query, headers, body, peer, webSocket, true);
  }

  /// Whether it only asks.
  public boolean reads() {
    return method.equals("GET") || method.equals("HEAD");
  }

  /// To be called before anything that may block or take long.
  public void requireThread() {
    if (!mayWait) {
      throw new WouldWait();
    }
  }
}
