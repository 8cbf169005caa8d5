package dev.otherix.apiserver.http;

import io.netty.buffer.ByteBuf;

/// Writes a [Body], a slice at a time, only while the reader keeps up.
final class WholeWriter implements AnswerWriter {
  private static final int SLICES_PER_TURN = 4;

  private final Body body;
  private final Outlet outlet;
  private final SliceBuffer slices;
  private long written;
  private boolean more = true;
  private boolean writing;
  private boolean closed;

  WholeWriter(Body body, Outlet outlet) {
    this.body = body;
    this.outlet = outlet;
    this.slices = new SliceBuffer(outlet.allocator(), body.length());
  }

  @Override
  public Turn write() {
    if (writing) {
      return Turn.BUSY;
    }
    writing = true;
    try {
      return writeTurn();
    } finally {
      writing = false;
      if (closed) {
        slices.release();
      }
    }
  }

  private Turn writeTurn() {
    for (int n = 0; n < SLICES_PER_TURN; n++) {
      if (!outlet.writable()) {
        outlet.flush();
        return outlet.writable() && !closed ? Turn.AGAIN : Turn.BLOCKED;
      }
      while (more && !slices.full()) {
        more = body.writeSlice(slices);
      }
      ByteBuf slice = slices.take();
      boolean last = !more && slices.isEmpty();
      written += slice.readableBytes();
      if (last && body.length() >= 0 && written != body.length()) {
        slice.release();
        throw new IllegalStateException(
            "a body of " + body.length() + " bytes had " + written + ": " + body.getClass());
      }
      outlet.data(slice, last);
      if (last) {
        outlet.flush();
        return Turn.DONE;
      }
      if (closed) {
        return Turn.BLOCKED;
      }
    }
    outlet.flush();
    return Turn.AGAIN;
  }

  @Override
  public void drain() {
    // It ends by itself.
  }

  @Override
  public void close() {
    closed = true;
    if (!writing) {
      slices.release();
    }
    if (body instanceof GzipBody gzip) {
      gzip.close();
    }
  }
}
