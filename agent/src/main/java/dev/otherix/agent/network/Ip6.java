package dev.otherix.agent.network;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// An IPv6 address, in two halves.
record Ip6(long high, long low) {
  /// The gateway of every network that has IPv6, on every node.
  static final Ip6 GATEWAY = new Ip6(0xfe80L << 48, 1);

  static final Ip6 EVERYBODY = new Ip6(0xff02L << 48, 1);
  static final int BYTES = 16;

  private static final long BY_HAND = 1L << 57;
  private static final long MIDDLE = 0xfffeL;

  /// @param text as the schema lets it pass
  static Ip6 of(String text) {
    // An address in an address of IPv4's is one of IPv4 for Java, and no guest's.
    return InetAddress.ofLiteral(text) instanceof Inet6Address six
        ? of(six.getAddress())
        : new Ip6(0, 0);
  }

  static Ip6 of(byte[] bytes) {
    ByteBuffer both = ByteBuffer.wrap(bytes);
    return new Ip6(both.getLong(), both.getLong());
  }

  /// What a guest with a hardware address has on its segment, whatever the network (RFC 4291).
  static Ip6 linkLocal(String mac) {
    long number = Long.parseLong(mac.replace(":", ""), 16);
    long interfaceId = (number >> 24) << 40 | MIDDLE << 24 | (number & 0xff_ffffL);
    return new Ip6(0xfe80L << 48, interfaceId ^ BY_HAND);
  }

  /// Whether the first bits are the same.
  boolean startsLike(Ip6 other, int bits) {
    long inHigh = bits >= Long.SIZE ? -1 : bits == 0 ? 0 : -1L << (Long.SIZE - bits);
    int rest = bits - Long.SIZE;
    long inLow = rest <= 0 ? 0 : -1L << (Long.SIZE - rest);
    return (high & inHigh) == (other.high & inHigh) && (low & inLow) == (other.low & inLow);
  }

  byte[] bytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
  }

  /// For the packet filter, where it knows a place in a packet only.
  String hex() {
    return "0x" + HexFormat.of().formatHex(bytes());
  }

  /// All eight groups.
  @Override
  public String toString() {
    byte[] bytes = bytes();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < BYTES; i += 2) {
      text.append(i == 0 ? "" : ":");
      text.append(Integer.toHexString((bytes[i] & 0xff) << 8 | (bytes[i + 1] & 0xff)));
    }
    return text.toString();
  }
}
