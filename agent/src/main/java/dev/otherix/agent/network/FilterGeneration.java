package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The kernel's count of changes to packet filters, which says for next to nothing whether anybody
/// changed one.
final class FilterGeneration {
  private static final int NETFILTER = 12;
  private static final short GET_GENERATION = (10 << 8) | 16;
  private static final short REQUEST = 1;
  private static final int REQUEST_BYTES = 20;
  private static final int ADDRESS_BYTES = 12;
  private static final int ANSWER_BYTES_MAX = 256;
  private static final short NEW_GENERATION = (10 << 8) | 15;
  private static final short GENERATION = 1;
  private static final ValueLayout.OfInt NETWORK_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private FilterGeneration() {}

  /// @throws NetworkException when the kernel has no nftables, or we may not use it
  static int read() {
    try (NativeSocket socket =
            NativeSocket.open(NativeSocket.NETLINK, NativeSocket.RAW, NETFILTER);
        Arena arena = Arena.ofConfined()) {
      MemorySegment kernel = arena.allocate(ADDRESS_BYTES, 4);
      kernel.set(ValueLayout.JAVA_SHORT, 0, (short) NativeSocket.NETLINK);
      MemorySegment request = arena.allocate(REQUEST_BYTES, 4);
      request.set(ValueLayout.JAVA_INT, 0, REQUEST_BYTES);
      request.set(ValueLayout.JAVA_SHORT, 4, GET_GENERATION);
      request.set(ValueLayout.JAVA_SHORT, 6, REQUEST);
      socket.send(request, kernel);
      MemorySegment answer = arena.allocate(ANSWER_BYTES_MAX, 4);
      int length = socket.receive(answer, kernel);
      if (answer.get(ValueLayout.JAVA_SHORT, 4) != NEW_GENERATION) {
        throw new NetworkException(
            "the packet filter of this host cannot be used; run the agent as root, on a kernel with"
                + " nftables");
      }
      int at = REQUEST_BYTES;
      while (at + 8 <= length) {
        if (answer.get(ValueLayout.JAVA_SHORT, at + 2L) == GENERATION) {
          return answer.get(NETWORK_INT, at + 4L);
        }
        at += Math.max(4, (answer.get(ValueLayout.JAVA_SHORT, at) + 3) & ~3);
      }
      throw new IllegalStateException("the kernel's answer has no generation");
    }
  }
}
