package dev.otherix.agent.network;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Answers DHCP on one bridge, below the host's own addresses, routes and packet filter. Its thread
/// owns the socket's receiving side; what it answers may be swapped at any time.
final class DhcpServer {
  private static final System.Logger LOG = System.getLogger(DhcpServer.class.getName());

  private static final int IP_BYTES_MIN = 20;
  private static final int UDP_BYTES = 8;
  private static final Duration EVER = Duration.ofDays(1);

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
    {0x06, 0, 0, BridgeSocket.PACKET_BYTES_MAX},
    {0x06, 0, 0, 0},
  };

  private final BridgeSocket socket;
  private final Thread thread;
  private volatile DhcpLeases leases;
  private volatile boolean stopped;

  private DhcpServer(BridgeSocket socket, DhcpLeases leases) {
    this.socket = socket;
    this.leases = leases;
    this.thread =
        Thread.ofPlatform().name("dhcp-" + leases.network().name()).daemon().unstarted(this::serve);
  }

  /// @param device the bridge's index
  static DhcpServer start(int device, DhcpLeases leases) {
    BridgeSocket socket = BridgeSocket.open(device, BridgeSocket.IPV4, FILTER);
    DhcpServer server = new DhcpServer(socket, leases);
    server.thread.start();
    return server;
  }

  int device() {
    return socket.device();
  }

  void use(DhcpLeases next) {
    leases = next;
  }

  private void serve() {
    try {
      while (!stopped) {
        BridgeSocket.Received asked = socket.receive(EVER);
        if (asked != null) {
          handle(asked.packet(), HexFormat.ofDelimiter(":").formatHex(asked.mac()));
        }
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
    byte[] mac = toAll ? BridgeSocket.EVERYBODY : HexFormat.ofDelimiter(":").parseHex(answer.mac());
    byte[] out = UdpPacket.of(leases.served().gateway(), 67, receiver, 68, answer.bytes());
    socket.send(out, mac);
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
    stopped = true;
    socket.stop();
    thread.join();
    socket.close();
  }
}
