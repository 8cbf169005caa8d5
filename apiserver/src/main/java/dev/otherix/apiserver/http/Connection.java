package dev.otherix.apiserver.http;

/// A live connection, whatever it speaks. Methods belong to its event loop.
interface Connection {
  /// Takes no new request; finishes what it has; then closes.
  void drain();

  /// Cancels what it has. The channel is closed by the caller.
  void cancel();
}
