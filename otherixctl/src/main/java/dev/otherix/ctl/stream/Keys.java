package dev.otherix.ctl.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What somebody types, until the key that detaches. Read by a thread of its own, because reading
/// cannot be ended; connections come and go meanwhile.
final class Keys {
  /// Ctrl and the closing bracket.
  private static final byte DETACH = 0x1d;

  private static final int PIECES_MAX = 64;
  private static final int PIECE_BYTES = 4096;

  private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES_MAX);
  private volatile boolean detached;

  static Keys of(InputStream input) {
    Keys keys = new Keys();
    Thread.ofPlatform().daemon().name("keys").start(() -> keys.read(input));
    return keys;
  }

  private void read(InputStream input) {
    byte[] piece = new byte[PIECE_BYTES];
    try {
      for (int got = input.read(piece); got >= 0; got = input.read(piece)) {
        int end = 0;
        while (end < got && piece[end] != DETACH) {
          end++;
        }
        if (end > 0) {
          pieces.put(Arrays.copyOf(piece, end));
        }
        if (end < got) {
          break;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the keyboard cannot be read", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      detached = true;
    }
  }

  /// Whether the person is done: nothing is left to send either.
  boolean detached() {
    return detached && pieces.isEmpty();
  }

  /// Null when nothing was typed in that time.
  byte @Nullable [] next(Duration atMost) throws InterruptedException {
    return pieces.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }
}
