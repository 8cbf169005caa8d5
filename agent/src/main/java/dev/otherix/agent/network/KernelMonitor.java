package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Says when somebody changes devices, addresses or packet filters of this host.
final class KernelMonitor {
  private static final System.Logger LOG = System.getLogger(KernelMonitor.class.getName());
  private static final int ROUTE = 0;
  private static final int NETFILTER = 12;

  /// Links and IPv4 addresses; and tables of nftables. Bit n is group n + 1.
  private static final int LINK_GROUPS = 1 | 0x10;

  private static final int TABLE_GROUPS = 1 << 6;
  private static final int ADDRESS_BYTES = 12;
  private static final int MESSAGE_BYTES = 65536;

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
          if (socket.receive(message, sender) < 0) {
            return;
          }
        } catch (NetworkException e) {
          // More happened than fits; that something did is all that matters.
          LOG.log(System.Logger.Level.DEBUG, "messages of the kernel were lost", e);
        }
        changed.run();
      }
    }
  }

  void stop() throws InterruptedException {
    socket.stop();
    thread.join();
    socket.close();
  }
}
