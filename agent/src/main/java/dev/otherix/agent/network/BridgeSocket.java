package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What comes to one bridge of a protocol, and what is sent through it: below the host's own
/// addresses, routes and packet filter. One thread receives; any may send.
final class BridgeSocket implements AutoCloseable {
  static final short IPV4 = 0x0800;
  static final short IPV6 = (short) 0x86dd;
  static final byte[] EVERYBODY = HexFormat.of().parseHex("ffffffffffff");
  static final int PACKET_BYTES_MAX = 2048;

  private static final int SOCKET_LEVEL = 1;
  private static final int ATTACH_FILTER = 26;
  private static final int ADDRESS_BYTES = 20;
  private static final int MAC_AT = 12;
  private static final int MAC_BYTES = 6;

  private final int device;
  private final short protocol;
  private final NativeSocket socket;

  private BridgeSocket(int device, short protocol, NativeSocket socket) {
    this.device = device;
    this.protocol = protocol;
    this.socket = socket;
  }

  /// A packet, and who sent it.
  record Received(byte[] packet, byte[] mac) {}

  /// @param device the bridge's index
  /// @param filter the kernel's program for what is to be received: code, jump when true, jump when
  ///   false, value; its offsets count from the packet's header
  static BridgeSocket open(int device, short protocol, int[][] filter) {
    NativeSocket socket = NativeSocket.open(NativeSocket.PACKET, NativeSocket.DATAGRAM, 0);
    BridgeSocket made = new BridgeSocket(device, protocol, socket);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocate(8L * filter.length, 8);
      for (int i = 0; i < filter.length; i++) {
        program.set(ValueLayout.JAVA_SHORT, 8L * i, (short) filter[i][0]);
        program.set(ValueLayout.JAVA_BYTE, 8L * i + 2, (byte) filter[i][1]);
        program.set(ValueLayout.JAVA_BYTE, 8L * i + 3, (byte) filter[i][2]);
        program.set(ValueLayout.JAVA_INT, 8L * i + 4, filter[i][3]);
      }
      MemorySegment whole = arena.allocate(16, 8);
      whole.set(ValueLayout.JAVA_SHORT, 0, (short) filter.length);
      whole.set(ValueLayout.ADDRESS, 8, program);
      socket.option(SOCKET_LEVEL, ATTACH_FILTER, whole);
      socket.bind(made.address(arena, EVERYBODY));
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
    return made;
  }

  int device() {
    return device;
  }

  /// A `sockaddr_ll`: who on this bridge.
  private MemorySegment address(Arena arena, byte[] mac) {
    ByteBuffer out = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
    out.putShort((short) NativeSocket.PACKET);
    out.order(ByteOrder.BIG_ENDIAN).putShort(protocol).order(ByteOrder.nativeOrder());
    out.putInt(device).putShort((short) 0).put((byte) 0).put((byte) MAC_BYTES).put(mac);
    MemorySegment address = arena.allocate(ADDRESS_BYTES, 4);
    MemorySegment.copy(out.array(), 0, address, ValueLayout.JAVA_BYTE, 0, ADDRESS_BYTES);
    return address;
  }

  /// Waits for a packet.
  ///
  /// @return null when there was none in that time, or this was stopped
  @Nullable Received receive(Duration most) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment packet = arena.allocate(PACKET_BYTES_MAX);
      MemorySegment sender = arena.allocate(ADDRESS_BYTES, 4);
      int length = socket.receive(packet, sender, most);
      return length < 0
          ? null
          : new Received(
              packet.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
              sender.asSlice(MAC_AT, MAC_BYTES).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  void send(byte[] packet, byte[] mac) {
    try (Arena arena = Arena.ofConfined()) {
      socket.send(arena.allocateFrom(ValueLayout.JAVA_BYTE, packet), address(arena, mac));
    }
  }

  /// Ends [#receive].
  void stop() {
    socket.stop();
  }

  /// After the receiving thread has ended.
  @Override
  public void close() {
    socket.close();
  }
}
