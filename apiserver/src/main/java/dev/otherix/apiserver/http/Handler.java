package dev.otherix.apiserver.http;

/// What a server does with its requests. Called on many threads at once, for a read first on an
/// event loop with [Request#mayWait] false.
@FunctionalInterface
public interface Handler {
  /// @throws WouldWait when the request may not wait and has to; nothing has happened then
  Answer handle(Request request) throws InterruptedException;
}
