package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.status.Status;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A request's body while it arrives. Grows with what has come, not with what was announced, and
/// counts it in what the server holds. Belongs to one event loop.
final class BodyBuffer {
  private static final int FIRST_BYTES = 4 * 1024;
  private static final byte[] NOTHING = {};

  private final HttpLimits.Sizes limits;
  private final Counters counters;
  private final int mostExpected;
  private byte[] bytes = NOTHING;
  private int length;

  /// @param announced the length that the client announced; negative when it did not
  BodyBuffer(ServerParts parts, long announced) {
    this.limits = parts.limits().sizes();
    this.counters = parts.counters();
    int max = limits.bodyBytesMax();
    this.mostExpected = announced < 0 ? max : (int) Math.min(announced, max);
  }

  /// Copies `part`, which stays the caller's.
  ///
  /// @return why it is refused; null when it is not
  @Nullable Status add(ByteBuf part) {
    int more = part.readableBytes();
    if (more == 0) {
      return null;
    }
    if (more > limits.bodyBytesMax() - length) {
      return Failures.bodyTooLarge(limits.bodyBytesMax());
    }
    if (length + more > bytes.length && !grow(length + more)) {
      return Failures.tooManyBodies();
    }
    part.readBytes(bytes, length, more);
    length += more;
    return null;
  }

  private boolean grow(int needed) {
    int size = Math.max(needed, Math.max(FIRST_BYTES, bytes.length * 2));
    size = Math.max(needed, Math.min(size, mostExpected));
    if (!Counters.tryAdd(
        counters.bodyBytesInFlight, size - bytes.length, limits.bodiesBytesMax())) {
      return false;
    }
    bytes = Arrays.copyOf(bytes, size);
    return true;
  }

  /// The body. The caller returns its length to the count.
  byte[] finish() {
    byte[] body = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    counters.bodyBytesInFlight.addAndGet(body.length - bytes.length);
    bytes = NOTHING;
    length = 0;
    return body;
  }

  /// Forgets what came.
  void release() {
    counters.bodyBytesInFlight.addAndGet(-bytes.length);
    bytes = NOTHING;
    length = 0;
  }
}
