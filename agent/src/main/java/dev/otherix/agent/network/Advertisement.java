package dev.otherix.agent.network;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;

/// What guests are told of IPv6 on their network (RFC 4861): whose addresses they make themselves,
/// how large a packet may be, and whether there is a way out.
///
/// @param mac of the router
/// @param mtu the largest packet
/// @param router whether this host takes what is for the outside
record Advertisement(Ip6 prefix, String mac, int mtu, boolean router) {
  private static final byte ADVERTISEMENT = (byte) 134;
  private static final byte HOPS = 64;

  /// Far longer than an agent is away; but nothing stays for ever when it is.
  private static final Duration ROUTER = Duration.ofMinutes(150);

  private static final Duration PREFERRED = Duration.ofHours(4);
  private static final Duration VALID = Duration.ofDays(1);

  private static final byte SENDER = 1;
  private static final byte PREFIX = 3;
  private static final byte MTU = 5;
  private static final int PREFIX_BITS = 64;

  /// On the link, and for addresses that guests make themselves.
  private static final byte BOTH = (byte) 0xc0;

  private static final int BYTES = 16 + 8 + 8 + 32;
  private static final int IP_BYTES = 40;
  private static final byte ICMP = 58;
  private static final int CHECKSUM_AT = IP_BYTES + 2;

  /// As a whole packet, from the gateway.
  byte[] packet(Ip6 receiver) {
    ByteBuffer out = ByteBuffer.allocate(IP_BYTES + BYTES);
    out.putInt(6 << 28).putShort((short) BYTES).put(ICMP).put((byte) 255);
    out.put(Ip6.GATEWAY.bytes()).put(receiver.bytes());
    out.put(ADVERTISEMENT).put((byte) 0).putShort((short) 0).put(HOPS).put((byte) 0);
    out.putShort((short) (router ? ROUTER.toSeconds() : 0)).putInt(0).putInt(0);
    out.put(SENDER).put((byte) 1).put(HexFormat.ofDelimiter(":").parseHex(mac));
    out.put(MTU).put((byte) 1).putShort((short) 0).putInt(mtu);
    out.put(PREFIX).put((byte) 4).put((byte) PREFIX_BITS).put(BOTH);
    out.putInt((int) VALID.toSeconds()).putInt((int) PREFERRED.toSeconds()).putInt(0);
    out.put(prefix.bytes());
    // Both addresses, the length and the protocol count too.
    int more = UdpPacket.sum(out.array(), 8, 2 * Ip6.BYTES) + BYTES + ICMP;
    int checksum = UdpPacket.checksum(out.array(), IP_BYTES, BYTES, more);
    return out.putShort(CHECKSUM_AT, (short) checksum).array();
  }
}
