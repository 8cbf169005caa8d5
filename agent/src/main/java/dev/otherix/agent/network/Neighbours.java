package dev.otherix.agent.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;

/// The kernel's tables of who is where, for devices of ours: read and changed entry by entry. Of
/// one thread.
final class Neighbours {
  private static final short NEW = 28;
  private static final short DELETE = 29;
  private static final short GET = 30;
  private static final int BODY_BYTES = 12;
  private static final int ORDER_BYTES_MAX = 64;
  private static final byte BRIDGE_FAMILY = 7;
  private static final byte IP_FAMILY = 2;
  private static final byte IPV6_FAMILY = 10;
  private static final short REACHABLE = 0x02;
  private static final short NO_ARP = 0x40;
  private static final short PERMANENT = 0x80;
  private static final byte SELF = 2;
  private static final byte MASTER = 4;
  private static final int ADDRESS = 1;
  private static final int HARDWARE_ADDRESS = 2;
  private static final int DEVICE = 8;
  private static final int MASTER_DEVICE = 9;
  private static final int MAC_BYTES = 6;

  private final Netlink netlink;

  Neighbours(Netlink netlink) {
    this.netlink = netlink;
  }

  /// In which table an entry stands.
  enum Table {
    /// Of a VXLAN device: which node has a hardware address; zero for what goes to everybody.
    TUNNEL,
    /// Of a bridge: behind which of its ports a hardware address is.
    BRIDGE,
    /// Of a bridge as the host's device: which hardware address an address has.
    ARP,
    /// The same of IPv6.
    NDP
  }

  /// @param device its index: of the bridge for ARP and NDP, else of the VXLAN device
  /// @param mac 48 bits
  /// @param address of the node, or of the guest, in the lower half but for IPv6; zero in the
  ///   bridge's table
  record Entry(Table table, int device, long mac, Ip6 address) {
    Entry(Table table, int device, long mac, int address) {
      this(table, device, mac, new Ip6(0, address & 0xffff_ffffL));
    }
  }

  /// Where one overlay's entries stand.
  ///
  /// @param tunnel index of its VXLAN device
  /// @param bridge index of the bridge that it belongs to
  /// @param six whether it has IPv6
  record Place(int tunnel, int bridge, boolean six) {}

  /// Everything that these devices have, but what they have by themselves.
  Set<Entry> read(Place place) {
    int tunnel = place.tunnel();
    Set<Entry> found = new HashSet<>();
    netlink.dump(
        GET,
        whole(body(BRIDGE_FAMILY, tunnel, (short) 0, (byte) 0)),
        message -> {
          long mac = number(Netlink.attribute(message, BODY_BYTES, HARDWARE_ADDRESS));
          byte[] node = Netlink.attribute(message, BODY_BYTES, ADDRESS);
          boolean permanent = (message.getShort(8) & PERMANENT) != 0;
          if ((message.get(10) & SELF) != 0) {
            if (node.length == Integer.BYTES) {
              found.add(new Entry(Table.TUNNEL, tunnel, mac, (int) number(node)));
            }
          } else if (!permanent
              && Netlink.attribute(message, BODY_BYTES, MASTER_DEVICE).length > 0) {
            found.add(new Entry(Table.BRIDGE, tunnel, mac, 0));
          }
        });
    found.addAll(guests(Table.ARP, place.bridge()));
    if (place.six()) {
      found.addAll(guests(Table.NDP, place.bridge()));
    }
    return found;
  }

  private Set<Entry> guests(Table table, int bridge) {
    Set<Entry> found = new HashSet<>();
    ByteBuffer one = body(table == Table.ARP ? IP_FAMILY : IPV6_FAMILY, 0, (short) 0, (byte) 0);
    ByteBuffer which = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
    Netlink.attribute(one, DEVICE, which.putInt(bridge).array());
    netlink.dump(
        GET,
        whole(one),
        message -> {
          byte[] mac = Netlink.attribute(message, BODY_BYTES, HARDWARE_ADDRESS);
          boolean permanent = (message.getShort(8) & PERMANENT) != 0;
          if (permanent && message.getInt(4) == bridge && mac.length == MAC_BYTES) {
            byte[] address = Netlink.attribute(message, BODY_BYTES, ADDRESS);
            found.add(
                table == Table.ARP
                    ? new Entry(table, bridge, number(mac), (int) number(address))
                    : new Entry(table, bridge, number(mac), Ip6.of(address)));
          }
        });
    return found;
  }

  /// @throws NetworkException when the kernel refuses
  void add(Entry entry) {
    int flags = Netlink.CREATE | (isForAll(entry) ? Netlink.APPEND : Netlink.REPLACE);
    int error = netlink.order(NEW, flags, message(entry));
    if (error != 0 && error != Netlink.EXISTS) {
      throw new NetworkException("the kernel refused " + entry + ": error " + error);
    }
  }

  void remove(Entry entry) {
    int error = netlink.order(DELETE, 0, message(entry));
    if (error != 0 && error != Netlink.NO_SUCH_ENTRY) {
      throw new NetworkException("the kernel keeps " + entry + ": error " + error);
    }
  }

  private static boolean isForAll(Entry entry) {
    return entry.table() == Table.TUNNEL && entry.mac() == 0;
  }

  private static byte[] message(Entry entry) {
    ByteBuffer out =
        switch (entry.table()) {
          case TUNNEL -> body(BRIDGE_FAMILY, entry.device(), (short) (NO_ARP | PERMANENT), SELF);
          case BRIDGE -> body(BRIDGE_FAMILY, entry.device(), (short) (NO_ARP | REACHABLE), MASTER);
          case ARP -> body(IP_FAMILY, entry.device(), PERMANENT, (byte) 0);
          case NDP -> body(IPV6_FAMILY, entry.device(), PERMANENT, (byte) 0);
        };
    switch (entry.table()) {
      case TUNNEL, ARP ->
          Netlink.attribute(out, ADDRESS, DhcpMessage.ofInt((int) entry.address().low()));
      case NDP -> Netlink.attribute(out, ADDRESS, entry.address().bytes());
      case BRIDGE -> {}
    }
    byte[] mac = new byte[MAC_BYTES];
    ByteBuffer.allocate(Long.BYTES).putLong(entry.mac()).get(Long.BYTES - MAC_BYTES, mac);
    Netlink.attribute(out, HARDWARE_ADDRESS, mac);
    return whole(out);
  }

  private static ByteBuffer body(byte family, int device, short state, byte flags) {
    ByteBuffer out = ByteBuffer.allocate(ORDER_BYTES_MAX).order(ByteOrder.nativeOrder());
    out.put(family).put(new byte[3]).putInt(device).putShort(state).put(flags).put((byte) 0);
    return out;
  }

  private static byte[] whole(ByteBuffer out) {
    byte[] all = new byte[out.position()];
    out.flip().get(all);
    return all;
  }

  private static long number(byte[] bytes) {
    long number = 0;
    for (byte each : bytes) {
      number = number << 8 | (each & 0xff);
    }
    return number;
  }
}
