package dev.otherix.agent.network;

import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;

/// Tells the guests on one bridge of IPv6: who asks at once, and all of them now and then. Its
/// thread owns the socket's receiving side; what it tells may be swapped at any time.
final class Advertiser {
  private static final System.Logger LOG = System.getLogger(Advertiser.class.getName());
  private static final Duration EVERY = Duration.ofSeconds(200);
  private static final byte[] ALL_MACS = HexFormat.of().parseHex("333300000001");
  private static final int SENDER_AT = 8;
  private static final int SENDER_END = SENDER_AT + Ip6.BYTES;

  /// Passes what guests ask routers, from the segment itself.
  private static final int[][] FILTER = {
    {0x30, 0, 0, 6},
    {0x15, 0, 5, 58},
    {0x30, 0, 0, 7},
    {0x15, 0, 3, 255},
    {0x30, 0, 0, 40},
    {0x15, 0, 1, 133},
    {0x06, 0, 0, BridgeSocket.PACKET_BYTES_MAX},
    {0x06, 0, 0, 0},
  };

  private final String network;
  private final BridgeSocket socket;
  private final Thread thread;
  private volatile Advertisement said;
  private volatile boolean stopped;

  private Advertiser(String network, BridgeSocket socket, Advertisement said) {
    this.network = network;
    this.socket = socket;
    this.said = said;
    this.thread = Thread.ofPlatform().name("router-" + network).daemon().unstarted(this::serve);
  }

  /// @param device the bridge's index
  static Advertiser start(String network, int device, Advertisement said) {
    BridgeSocket socket = BridgeSocket.open(device, BridgeSocket.IPV6, FILTER);
    Advertiser made = new Advertiser(network, socket, said);
    made.thread.start();
    return made;
  }

  int device() {
    return socket.device();
  }

  /// Whether it still serves.
  boolean alive() {
    return thread.isAlive();
  }

  /// Tells everybody when it is something else than before.
  void use(Advertisement next) {
    if (!next.equals(said)) {
      said = next;
      tellAll();
    }
  }

  private void tellAll() {
    socket.send(said.packet(Ip6.EVERYBODY), ALL_MACS);
  }

  private void serve() {
    try {
      long told = System.nanoTime();
      tellAll();
      while (!stopped) {
        Duration rest = EVERY.minusNanos(System.nanoTime() - told);
        BridgeSocket.Received asked = rest.isPositive() ? socket.receive(rest) : null;
        if (asked != null) {
          answer(asked);
        } else if (!stopped) {
          told = System.nanoTime();
          tellAll();
        }
      }
    } catch (NetworkException e) {
      // The bridge went; the next look at the host starts another one.
      LOG.log(
          System.Logger.Level.INFO,
          "advertisements ended network={0}: {1}",
          network,
          e.getMessage());
    }
  }

  /// Who has no address yet is told as everybody is, at its own hardware address.
  private void answer(BridgeSocket.Received asked) {
    Ip6 sender = Ip6.of(Arrays.copyOfRange(asked.packet(), SENDER_AT, SENDER_END));
    boolean nameless = sender.high() == 0 && sender.low() == 0;
    socket.send(said.packet(nameless ? Ip6.EVERYBODY : sender), asked.mac());
  }

  void stop() throws InterruptedException {
    stopped = true;
    socket.stop();
    thread.join();
    socket.close();
  }
}
