package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.codec.ByteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Collects what a body writes into buffers of [Body#SLICE_BYTES], so that TLS records and HTTP/2
/// frames are full however small the pieces are.
///
/// Each byte is copied once, into memory that a socket can be written from; wrapping the array
/// would only make Netty copy it later. What does not fit waits as a reference when it is lasting.
final class SliceBuffer implements ByteSink {
  private record Piece(byte[] bytes, int offset, int length) {}

  private static final int CAPACITY_MIN = 256;

  private final ByteBufAllocator allocator;
  private final Deque<Piece> waiting = new ArrayDeque<>(1);
  private @Nullable ByteBuf filling;
  private long waitingBytes;
  private long expected;

  /// @param expected bytes in all, so that small answers get small buffers; negative when unknown
  SliceBuffer(ByteBufAllocator allocator, long expected) {
    this.allocator = allocator;
    this.expected = expected < 0 ? Long.MAX_VALUE : expected;
  }

  @Override
  public void write(byte[] bytes, int offset, int length, boolean lasting) {
    int taken = waiting.isEmpty() ? fill(bytes, offset, length) : 0;
    if (taken < length) {
      Piece rest =
          lasting
              ? new Piece(bytes, offset + taken, length - taken)
              : new Piece(
                  Arrays.copyOfRange(bytes, offset + taken, offset + length), 0, length - taken);
      waiting.add(rest);
      waitingBytes += rest.length;
    }
  }

  /// Whether the next buffer is full.
  boolean full() {
    return waitingBytes > 0 || (filling != null && filling.readableBytes() >= Body.SLICE_BYTES);
  }

  boolean isEmpty() {
    return filling == null && waiting.isEmpty();
  }

  /// The next buffer, which the caller owns; empty when there is nothing.
  ByteBuf take() {
    ByteBuf taken = filling == null ? Unpooled.EMPTY_BUFFER : filling;
    filling = null;
    while (!waiting.isEmpty() && (filling == null || filling.maxWritableBytes() > 0)) {
      Piece piece = waiting.poll();
      int moved = fill(piece.bytes, piece.offset, piece.length);
      waitingBytes -= moved;
      if (moved < piece.length) {
        waiting.addFirst(new Piece(piece.bytes, piece.offset + moved, piece.length - moved));
        break;
      }
    }
    return taken;
  }

  void release() {
    if (filling != null) {
      filling.release();
      filling = null;
    }
    waiting.clear();
    waitingBytes = 0;
  }

  private int fill(byte[] bytes, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    if (filling == null) {
      int capacity = Math.clamp(expected, CAPACITY_MIN, Body.SLICE_BYTES);
      filling = allocator.directBuffer(capacity, Body.SLICE_BYTES);
    }
    int moved = Math.min(length, filling.maxWritableBytes());
    filling.writeBytes(bytes, offset, moved);
    expected = Math.max(0, expected - moved);
    return moved;
  }
}
