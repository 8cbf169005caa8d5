package dev.otherix.agent.images;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// What is inside of chunks.
final class ChunkedInput extends InputStream {
  private static final int LINE_BYTES_MAX = 256;
  private static final int HEX = 16;

  private final InputStream in;
  private long left;
  private boolean begun;
  private boolean ended;

  ChunkedInput(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (left == 0 && !ended) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int got = in.read(into, from, (int) Math.min(length, left));
    if (got < 0) {
      throw new EOFException("the source closed the connection within a chunk");
    }
    left -= got;
    return got;
  }

  private void nextChunk() throws IOException {
    if (begun && !HttpAnswer.line(in, LINE_BYTES_MAX).isEmpty()) {
      throw new IOException("a chunk of the source is longer than it says");
    }
    begun = true;
    String size = HttpAnswer.line(in, LINE_BYTES_MAX).split(";", 2)[0].strip();
    try {
      left = Long.parseUnsignedLong(size, HEX);
    } catch (NumberFormatException e) {
      throw new IOException("the source says that a chunk has " + size + " bytes", e);
    }
    if (left < 0) {
      throw new IOException("the source says that a chunk has " + size + " bytes");
    }
    ended = left == 0;
  }
}
