package dev.otherix.agent.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/// Whether the host itself reaches the outside by IPv6.
final class WayOut {
  private static final short GET_ROUTE = 26;
  private static final int BODY_BYTES = 12;
  private static final byte IPV6 = 10;
  private static final byte UNICAST = 1;
  private static final int PREFIX_AT = 1;
  private static final int KIND_AT = 7;
  private static final int DEVICE = 4;

  private WayOut() {}

  /// @param ours indexes of devices through which nobody reaches the outside
  static boolean byIpv6(Netlink kernel, Set<Integer> ours) {
    byte[] question = new byte[BODY_BYTES];
    question[0] = IPV6;
    boolean[] found = new boolean[1];
    kernel.dump(
        GET_ROUTE,
        question,
        route -> {
          boolean all = route.get(0) == IPV6 && route.get(PREFIX_AT) == 0;
          found[0] |= all && route.get(KIND_AT) == UNICAST && !ours.contains(device(route));
        });
    return found[0];
  }

  private static int device(ByteBuffer route) {
    byte[] index = Netlink.attribute(route, BODY_BYTES, DEVICE);
    return index.length < Integer.BYTES
        ? 0
        : ByteBuffer.wrap(index).order(ByteOrder.nativeOrder()).getInt();
  }
}
