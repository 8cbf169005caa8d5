package dev.otherix.agent.network;

import java.nio.ByteBuffer;

/// An IPv4 packet with a UDP datagram in it, for sockets that take packets whole.
final class UdpPacket {
  private static final int IP_BYTES = 20;
  private static final int UDP_BYTES = 8;
  private static final byte UDP = 17;
  private static final byte HOPS = 64;

  private UdpPacket() {}

  static byte[] of(int sender, int senderPort, int receiver, int receiverPort, byte[] content) {
    int datagram = UDP_BYTES + content.length;
    ByteBuffer out = ByteBuffer.allocate(IP_BYTES + datagram);
    out.put((byte) 0x45).put((byte) 0).putShort((short) (IP_BYTES + datagram));
    out.putInt(0).put(HOPS).put(UDP).putShort((short) 0).putInt(sender).putInt(receiver);
    out.putShort(10, (short) checksum(out.array(), 0, IP_BYTES, 0));
    out.putShort((short) senderPort).putShort((short) receiverPort);
    out.putShort((short) datagram).putShort((short) 0).put(content);
    int addresses = sum(out.array(), 12, 8) + UDP + datagram;
    int checksum = checksum(out.array(), IP_BYTES, datagram, addresses);
    // Zero would say that there is none.
    out.putShort(IP_BYTES + 6, (short) (checksum == 0 ? 0xffff : checksum));
    return out.array();
  }

  static int checksum(byte[] bytes, int from, int length, int more) {
    int sum = sum(bytes, from, length) + more;
    while (sum > 0xffff) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return ~sum & 0xffff;
  }

  static int sum(byte[] bytes, int from, int length) {
    int sum = 0;
    for (int i = 0; i < length; i += 2) {
      int low = i + 1 < length ? bytes[from + i + 1] & 0xff : 0;
      sum += (bytes[from + i] & 0xff) << 8 | low;
    }
    return sum;
  }
}
