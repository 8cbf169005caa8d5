package dev.otherix.apimachinery.informer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.StringNode;

/// Short texts by their bytes: what was said before is the same node again, found without making
/// it. The newer displaces the older, so that memory is bounded. One thread uses it.
final class KnownTexts {
  /// Eight bytes of an array as a number, the first the lowest.
  static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private final @Nullable Known[] known = new Known[SharedTrees.SLOTS];

  private boolean hit;

  private record Known(byte[] bytes, StringNode node) {}

  /// @param to behind the last byte; all are ASCII
  StringNode node(byte[] bytes, int from, int to) {
    int slot = SharedTrees.slot(hash(bytes, from, to));
    Known found = known[slot];
    hit = found != null && Arrays.equals(found.bytes, 0, found.bytes.length, bytes, from, to);
    if (found == null || !hit) {
      byte[] own = Arrays.copyOfRange(bytes, from, to);
      found = new Known(own, StringNode.valueOf(new String(own, StandardCharsets.ISO_8859_1)));
      known[slot] = found;
    }
    return found.node;
  }

  /// Whether the last one was known.
  boolean wasKnown() {
    return hit;
  }

  private static int hash(byte[] bytes, int from, int to) {
    long hash = (long) to - from;
    int i = from;
    while (i + Long.BYTES <= to) {
      hash = (hash ^ (long) EIGHT_BYTES.get(bytes, i)) * SPREAD;
      hash ^= hash >>> Integer.SIZE;
      i += Long.BYTES;
    }
    while (i < to) {
      hash = (hash ^ bytes[i++]) * SPREAD;
    }
    return (int) (hash ^ (hash >>> Integer.SIZE));
  }
}
