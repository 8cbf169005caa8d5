package dev.otherix.apimachinery.codec;

/// Where encoded bytes go: a socket's buffers, a byte array.
@FunctionalInterface
public interface ByteSink {
  /// Takes `length` bytes from `offset` on.
  ///
  /// @param lasting whether the array never changes, so that the sink may keep it without a copy;
  ///   bytes that are not lasting must be copied before this returns
  void write(byte[] bytes, int offset, int length, boolean lasting);
}
