package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.codec.ByteSink;

/// The body of an answer. Written once, slice by slice, as fast as the reader takes it, so that an
/// answer of any size needs memory for a slice of it.
///
/// The methods run on an event loop: they neither block nor compute for long.
public interface Body {
  /// The number of bytes that all slices have together.
  long length();

  /// Writes the next slice, of about [#SLICE_BYTES] or what is left.
  ///
  /// @return whether more follow
  boolean writeSlice(ByteSink sink);

  int SLICE_BYTES = 64 * 1024;

  static Body of(byte[] bytes) {
    return new Body() {
      @Override
      public long length() {
        return bytes.length;
      }

      @Override
      public boolean writeSlice(ByteSink sink) {
        sink.write(bytes, 0, bytes.length, true);
        return false;
      }
    };
  }
}
