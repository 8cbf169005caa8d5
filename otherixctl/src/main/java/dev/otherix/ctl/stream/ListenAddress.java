package dev.otherix.ctl.stream;

import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.net.InetSocketAddress;

/// Where connections are taken, and to which port of a guest they go.
///
/// @param host an address, without brackets
/// @param port zero for any
record ListenAddress(String host, int port, int guestPort) {
  static final String LOOPBACK = "127.0.0.1";

  private static final int PORT_MAX = 65535;

  /// @param listen `ADDRESS[:PORT]`
  /// @param ports `[LOCAL:]PORT`
  static ListenAddress of(String listen, String ports) {
    int between = ports.lastIndexOf(':');
    int guest = number(ports.substring(between + 1), 1, "PORT");
    int local = between < 0 ? 0 : number(ports.substring(0, between), 0, "LOCAL");
    String host = listen;
    int colon = listen.lastIndexOf(':');
    boolean named = colon >= 0 && (listen.indexOf(':') == colon || listen.startsWith("["));
    if (named && !listen.endsWith("]")) {
      if (between >= 0) {
        throw new CommandFailure(
            Exit.USAGE, "the local port is named twice: by --listen and by \"" + ports + "\"");
      }
      local = number(listen.substring(colon + 1), 0, "--listen");
      host = listen.substring(0, colon);
    }
    return new ListenAddress(host.replaceAll("[\\[\\]]", ""), local, guest);
  }

  private static int number(String text, int least, String what) {
    int number;
    try {
      number = Integer.parseInt(text);
    } catch (NumberFormatException _) {
      number = -1;
    }
    if (number < least || number > PORT_MAX) {
      throw new CommandFailure(
          Exit.USAGE, what + " takes a port from " + least + " to " + PORT_MAX + ", not " + text);
    }
    return number;
  }

  InetSocketAddress local() {
    return new InetSocketAddress(host, port);
  }

  /// What others may connect to.
  String text(int bound) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + bound;
  }
}
