package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.codec.ByteSink;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/// A body of many small pieces that tells how much of it has been taken.
final class BodyProbe implements Body {
  private static final byte[] PIECE = new byte[100];

  static {
    Arrays.fill(PIECE, (byte) 'x');
  }

  private final long length;
  private final AtomicLong written = new AtomicLong();

  BodyProbe(long length) {
    this.length = length;
  }

  long written() {
    return written.get();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public boolean writeSlice(ByteSink sink) {
    long end = Math.min(length, written.get() + SLICE_BYTES);
    for (long at = written.get(); at < end; ) {
      int now = (int) Math.min(PIECE.length, end - at);
      sink.write(PIECE, 0, now, true);
      at += now;
    }
    written.set(end);
    return end < length;
  }
}
