package dev.otherix.apimachinery.client;

import java.time.Duration;

/// The messages of a stream, in order. One thread takes, any thread closes.
public interface MessageSource extends AutoCloseable {
  /// The next message, waiting for it.
  ///
  /// @throws ConnectionException when the stream broke
  Taken take(Duration atMost) throws InterruptedException;

  @Override
  void close();

  /// What came of waiting.
  sealed interface Taken {
    /// One JSON document.
    record Message(byte[] json) implements Taken {}

    /// None in that time.
    record Quiet() implements Taken {}

    /// None ever again.
    record End() implements Taken {}
  }
}
