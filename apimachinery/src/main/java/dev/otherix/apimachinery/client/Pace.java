package dev.otherix.apimachinery.client;

/// Decides when a client's next request may go. Every client that has the same one shares it.
@FunctionalInterface
public interface Pace {
  /// At once.
  Pace FREE = () -> {};

  /// Returns when the next request may go.
  void await() throws InterruptedException;
}
