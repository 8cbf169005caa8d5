package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Answers DHCP on one bridge, below the host's own addresses, routes and packet filter. Its thread
/// owns the socket's receiving side; what it answers may be swapped at any time.
final class DhcpServer {
  private static final System.Logger LOG = System.getLogger(DhcpServer.class.getName());

  private static final short IP = 0x0800;
  private static final int SOCKET_LEVEL = 1;
  private static final int ATTACH_FILTER = 26;
  private static final int ADDRESS_BYTES = 20;
  private static final int MAC_AT = 12;
  private static final int MAC_BYTES = 6;
  private static final int PACKET_BYTES_MAX = 2048;
  private static final int IP_BYTES_MIN = 20;
  private static final int UDP_BYTES = 8;

  private static final byte[] EVERYBODY = HexFormat.of().parseHex("ffffffffffff");

  /// Passes UDP to port 67 that is whole, and nothing of the guests' other traffic: code, jump when
  /// true, jump when false, value; the offsets count from the IP header.
  private static final int[][] FILTER = {
    {0x30, 0, 0, 9},
    {0x15, 0, 6, 17},
    {0x28, 0, 0, 6},
    {0x45, 4, 0, 0x3fff},
    {0xb1, 0, 0, 0},
    {0x48, 0, 0, 2},
    {0x15, 0, 1, 67},
    {0x06, 0, 0, PACKET_BYTES_MAX},
    {0x06, 0, 0, 0},
  };

  private final int device;
  private final NativeSocket socket;
  private final Thread thread;
  private volatile DhcpLeases leases;

  private DhcpServer(int device, NativeSocket socket, DhcpLeases leases) {
    this.device = device;
    this.socket = socket;
    this.leases = leases;
    this.thread =
        Thread.ofPlatform().name("dhcp-" + leases.network().name()).daemon().unstarted(this::serve);
  }

  /// @param device the bridge's index
  static DhcpServer start(int device, DhcpLeases leases) {
    NativeSocket socket = NativeSocket.open(NativeSocket.PACKET, NativeSocket.DATAGRAM, 0);
    DhcpServer server = new DhcpServer(device, socket, leases);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocate(8L * FILTER.length, 8);
      for (int i = 0; i < FILTER.length; i++) {
        program.set(ValueLayout.JAVA_SHORT, 8L * i, (short) FILTER[i][0]);
        program.set(ValueLayout.JAVA_BYTE, 8L * i + 2, (byte) FILTER[i][1]);
        program.set(ValueLayout.JAVA_BYTE, 8L * i + 3, (byte) FILTER[i][2]);
        program.set(ValueLayout.JAVA_INT, 8L * i + 4, FILTER[i][3]);
      }
      MemorySegment filter = arena.allocate(16, 8);
      filter.set(ValueLayout.JAVA_SHORT, 0, (short) FILTER.length);
      filter.set(ValueLayout.ADDRESS, 8, program);
      socket.option(SOCKET_LEVEL, ATTACH_FILTER, filter);
      socket.bind(server.address(arena, EVERYBODY));
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
    server.thread.start();
    return server;
  }

  int device() {
    return device;
  }

  void use(DhcpLeases next) {
    leases = next;
  }

  /// A `sockaddr_ll`: who on this bridge.
  private MemorySegment address(Arena arena, byte[] mac) {
    ByteBuffer out = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
    out.putShort((short) NativeSocket.PACKET);
    out.order(ByteOrder.BIG_ENDIAN).putShort(IP).order(ByteOrder.nativeOrder());
    out.putInt(device).putShort((short) 0).put((byte) 0).put((byte) MAC_BYTES).put(mac);
    MemorySegment address = arena.allocate(ADDRESS_BYTES, 4);
    MemorySegment.copy(out.array(), 0, address, ValueLayout.JAVA_BYTE, 0, ADDRESS_BYTES);
    return address;
  }

  private void serve() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment packet = arena.allocate(PACKET_BYTES_MAX);
      MemorySegment sender = arena.allocate(ADDRESS_BYTES, 4);
      while (true) {
        int length = socket.receive(packet, sender);
        if (length < 0) {
          return;
        }
        byte[] mac = sender.asSlice(MAC_AT, MAC_BYTES).toArray(ValueLayout.JAVA_BYTE);
        byte[] bytes = packet.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        handle(bytes, HexFormat.ofDelimiter(":").formatHex(mac));
      }
    } catch (NetworkException e) {
      // The bridge went; the next look at the host starts another server.
      LOG.log(
          System.Logger.Level.INFO,
          "dhcp ended network={0}: {1}",
          leases.network().name(),
          e.getMessage());
    }
  }

  /// Whether it still serves.
  boolean alive() {
    return thread.isAlive();
  }

  private void handle(byte[] packet, String sender) {
    DhcpMessage question = question(packet);
    if (question == null || !question.mac().equals(sender)) {
      return;
    }
    DhcpMessage answer = leases.answer(question);
    if (answer == null) {
      return;
    }
    boolean nak = answer.type() == DhcpLeases.NAK;
    boolean toAll = nak || (answer.broadcast() && answer.client() == 0);
    int receiver = toAll ? -1 : answer.client() != 0 ? answer.client() : answer.yours();
    byte[] mac = toAll ? EVERYBODY : HexFormat.ofDelimiter(":").parseHex(answer.mac());
    byte[] out = UdpPacket.of(leases.served().gateway(), 67, receiver, 68, answer.bytes());
    try (Arena arena = Arena.ofConfined()) {
      socket.send(arena.allocateFrom(ValueLayout.JAVA_BYTE, out), address(arena, mac));
    }
  }

  private static @Nullable DhcpMessage question(byte[] packet) {
    int header = packet.length == 0 ? 0 : (packet[0] & 0x0f) * 4;
    if (header < IP_BYTES_MIN || packet.length < header + UDP_BYTES) {
      return null;
    }
    int from = header + UDP_BYTES;
    return DhcpMessage.parse(ByteBuffer.wrap(packet, from, packet.length - from));
  }

  void stop() throws InterruptedException {
    socket.stop();
    thread.join();
    socket.close();
  }
}
