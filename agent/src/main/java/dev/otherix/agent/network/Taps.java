package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Makes the devices that guests' interfaces end in by the kernel's own calls: one that comes alone
/// is there before a program would have started. Of one thread.
final class Taps {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final MethodHandle OPEN =
      CLibrary.variadic("open", 2, FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle CLOSE =
      CLibrary.function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle CONTROL =
      CLibrary.variadic(
          "ioctl", 2, FunctionDescriptor.of(INT, INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));

  private static final String FACTORY = "/dev/net/tun";
  private static final int READ_WRITE = 2;
  private static final int CLOSE_ON_EXEC = 0x80000;
  private static final long SET_INTERFACE = 0x400454caL;
  private static final long SET_PERSISTENT = 0x400454cbL;
  private static final int REQUEST_BYTES = 40;
  private static final int NAME_BYTES = 16;

  /// A tap, without a header before each packet, and only when there is none yet.
  private static final short NEW_TAP = (short) (0x0002 | 0x1000 | 0x8000);

  private static final short NEW_LINK = 16;
  private static final int MESSAGE_BYTES_MAX = 512;
  private static final int UP = 1;
  private static final int NAME = 3;
  private static final int MTU = 4;
  private static final int MASTER = 10;
  private static final int ALIAS = 20;
  private static final int OF_FAMILY = 26;
  private static final int IPV6 = 10;
  private static final int ADDRESS_MODE = 8;
  private static final byte NO_ADDRESS = 1;

  private final Netlink netlink;

  Taps(Netlink netlink) {
    this.netlink = netlink;
  }

  /// Makes a port's device what it should be.
  ///
  /// @param bridge as the host has it now
  /// @throws NetworkException when the kernel refuses
  void connect(PortPlan port, NetworkPlan network, Link bridge, KernelLinks links) {
    String device = port.tap();
    if (links.get(device) == null) {
      make(device);
    }
    set(device, port.alias(), LinkChanges.tapMtu(network, bridge), bridge);
  }

  /// What there is then, as far as anybody asks.
  static Link asConnected(PortPlan port, NetworkPlan network, Link bridge) {
    return new Link(
        port.tap(),
        0,
        "tun",
        port.alias(),
        "",
        LinkChanges.tapMtu(network, bridge),
        bridge.name(),
        true,
        false,
        List.of(),
        List.of(),
        null,
        null);
  }

  private static void make(String device) {
    try (Arena arena = Arena.ofConfined()) {
      int file =
          (int)
              CLibrary.call(
                  OPEN, "open " + FACTORY, arena.allocateFrom(FACTORY), READ_WRITE | CLOSE_ON_EXEC);
      try {
        MemorySegment request = arena.allocate(REQUEST_BYTES, 8);
        request.setString(0, device);
        request.set(ValueLayout.JAVA_SHORT, NAME_BYTES, NEW_TAP);
        CLibrary.call(CONTROL, "making the tap " + device, file, SET_INTERFACE, request);
        CLibrary.call(
            CONTROL, "keeping the tap " + device, file, SET_PERSISTENT, MemorySegment.ofAddress(1));
      } finally {
        CLibrary.call(CLOSE, "close", file);
      }
    }
  }

  private void set(String device, String alias, int mtu, Link bridge) {
    ByteBuffer out = ByteBuffer.allocate(MESSAGE_BYTES_MAX).order(ByteOrder.nativeOrder());
    out.putInt(0).putInt(0).putInt(UP).putInt(UP);
    Netlink.attribute(out, NAME, (device + "\0").getBytes(StandardCharsets.US_ASCII));
    Netlink.attribute(out, ALIAS, alias.getBytes(StandardCharsets.US_ASCII));
    Netlink.attribute(out, MTU, number(mtu));
    Netlink.attribute(out, MASTER, number(bridge.index()));
    ByteBuffer mode = ByteBuffer.allocate(MESSAGE_BYTES_MAX).order(ByteOrder.nativeOrder());
    Netlink.attribute(mode, ADDRESS_MODE, new byte[] {NO_ADDRESS});
    ByteBuffer family = ByteBuffer.allocate(MESSAGE_BYTES_MAX).order(ByteOrder.nativeOrder());
    Netlink.attribute(family, IPV6, whole(mode));
    Netlink.attribute(out, OF_FAMILY, whole(family));
    int error = netlink.order(NEW_LINK, 0, whole(out));
    if (error != 0) {
      throw new NetworkException(
          "the kernel does not connect " + device + " with its bridge: error " + error);
    }
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  private static byte[] whole(ByteBuffer out) {
    byte[] all = new byte[out.position()];
    out.flip().get(all);
    return all;
  }
}
