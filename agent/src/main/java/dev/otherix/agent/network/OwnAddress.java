package dev.otherix.agent.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// By which address of its own this host reaches others. Nothing is sent to find out.
public final class OwnAddress {
  /// Never a neighbour, so that what counts is the way to everybody.
  private static final String ANYBODY = "192.0.2.1";

  private static final int ANY_PORT = 9;

  private OwnAddress() {}

  /// The one towards a server; where that is this host itself, the one towards everybody; empty
  /// when there is none that others can use.
  public static String towards(String server) {
    String direct = from(server);
    return direct.isEmpty() ? from(ANYBODY) : direct;
  }

  private static String from(String other) {
    try (DatagramSocket socket = new DatagramSocket()) {
      InetAddress to = InetAddress.getByName(other);
      if (to.isLoopbackAddress() || !(to instanceof Inet4Address)) {
        return "";
      }
      socket.connect(new InetSocketAddress(to, ANY_PORT));
      InetAddress own = socket.getLocalAddress();
      boolean usable = !own.isAnyLocalAddress() && !own.isLoopbackAddress();
      return usable && own instanceof Inet4Address ? own.getHostAddress() : "";
    } catch (IOException | UncheckedIOException _) {
      // No way there: then nobody comes from there either.
      return "";
    }
  }
}
