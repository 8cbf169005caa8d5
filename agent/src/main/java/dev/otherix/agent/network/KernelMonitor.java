package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Says when somebody changes devices, addresses, who is where, or packet filters of this host.
final class KernelMonitor {
  private static final System.Logger LOG = System.getLogger(KernelMonitor.class.getName());
  private static final int ROUTE = 0;
  private static final int NETFILTER = 12;

  /// Links, neighbours, addresses of IPv4 and IPv6, and routes of IPv6; and tables of nftables. Bit
  /// n is group n + 1.
  private static final int LINK_GROUPS = 1 | 4 | 0x10 | 0x100 | 0x400;

  private static final int TABLE_GROUPS = 1 << 6;
  private static final int ADDRESS_BYTES = 12;
  private static final int MESSAGE_BYTES = 65536;
  private static final short NEW_ROUTE = 24;
  private static final short DELETED_ROUTE = 25;
  private static final short NEW_NEIGHBOUR = 28;
  private static final short DELETED_NEIGHBOUR = 29;
  private static final int HEADER_BYTES = 16;
  private static final int NEIGHBOUR_BYTES = HEADER_BYTES + 12;
  private static final int STATE_OFFSET = HEADER_BYTES + 8;
  private static final byte BRIDGE_FAMILY = 7;
  private static final byte IP_FAMILY = 2;
  private static final byte IPV6_FAMILY = 10;
  private static final short NO_ARP = 0x40;
  private static final short PERMANENT = 0x80;

  private final NativeSocket socket;
  private final Thread thread;

  private KernelMonitor(NativeSocket socket, String name, Runnable changed) {
    this.socket = socket;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> follow(changed));
  }

  static KernelMonitor ofLinks(Runnable changed) {
    return start(ROUTE, LINK_GROUPS, "kernel-links", changed);
  }

  static KernelMonitor ofTables(Runnable changed) {
    return start(NETFILTER, TABLE_GROUPS, "kernel-tables", changed);
  }

  private static KernelMonitor start(int protocol, int groups, String name, Runnable changed) {
    NativeSocket socket = NativeSocket.open(NativeSocket.NETLINK, NativeSocket.RAW, protocol);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ADDRESS_BYTES, 4);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) NativeSocket.NETLINK);
      address.set(ValueLayout.JAVA_INT, 8, groups);
      socket.bind(address);
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
    KernelMonitor monitor = new KernelMonitor(socket, name, changed);
    monitor.thread.start();
    return monitor;
  }

  private void follow(Runnable changed) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(MESSAGE_BYTES);
      MemorySegment sender = arena.allocate(ADDRESS_BYTES, 4);
      while (true) {
        try {
          int length = socket.receive(message, sender);
          if (length < 0) {
            return;
          }
          if (isPassing(message, length)) {
            continue;
          }
        } catch (NetworkException e) {
          // More happened than fits; that something did is all that matters.
          LOG.log(System.Logger.Level.DEBUG, "messages of the kernel were lost", e);
        }
        changed.run();
      }
    }
  }

  /// The kernel learns and forgets by itself all the time. What we have put there is permanent, or
  /// fixed, and stays so when it goes; but of ARP, where that something goes is told once.
  private static boolean isPassing(MemorySegment message, int length) {
    short type = length < NEIGHBOUR_BYTES ? 0 : message.get(ValueLayout.JAVA_SHORT, 4);
    if (type == NEW_ROUTE || type == DELETED_ROUTE) {
      // Only whether there is a way to everywhere matters.
      return message.get(ValueLayout.JAVA_BYTE, HEADER_BYTES + 1L) != 0;
    }
    if (type != NEW_NEIGHBOUR && type != DELETED_NEIGHBOUR) {
      return false;
    }
    boolean fixed = (message.get(ValueLayout.JAVA_SHORT, STATE_OFFSET) & (PERMANENT | NO_ARP)) != 0;
    return switch (message.get(ValueLayout.JAVA_BYTE, HEADER_BYTES)) {
      case BRIDGE_FAMILY -> !fixed;
      case IP_FAMILY, IPV6_FAMILY -> !fixed && type == NEW_NEIGHBOUR;
      default -> true;
    };
  }

  void stop() throws InterruptedException {
    socket.stop();
    thread.join();
    socket.close();
  }
}
