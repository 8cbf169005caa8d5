package dev.otherix.apimachinery.client;

import org.jspecify.annotations.Nullable;

/// A way for bytes in both directions. One thread receives, one sends, any thread closes.
public interface ByteSocket extends AutoCloseable {
  /// Waits until the bytes are on their way; they are the caller's again then.
  ///
  /// @throws ConnectionException when it broke
  void send(byte[] bytes, int offset, int length) throws InterruptedException;

  /// Waits for some bytes; null when the other side ended, or this one closed.
  ///
  /// @throws ConnectionException when it broke
  byte @Nullable [] receive() throws InterruptedException;

  @Override
  void close();
}
