package dev.otherix.agent.network;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the machines of one network here are told when they ask by DHCP. Addresses are the
/// server's, fixed for a machine's life; a client that is no port of ours hears nothing.
record DhcpLeases(NetworkPlan network, NetworkPlan.Served served, Map<String, PortPlan> byMac) {
  static final int DISCOVER = 1;
  static final int OFFER = 2;
  static final int REQUEST = 3;
  static final int ACK = 5;
  static final int NAK = 6;
  static final int INFORM = 8;

  private static final int LEASE_SECONDS = 3600;
  private static final int ROUTE_BYTES_MAX = 14;
  private static final int HOST_NAME_CHARACTERS_MAX = 63;

  static DhcpLeases of(NetworkPlan network, NetworkPlan.Served served, HostPlan plan) {
    Map<String, PortPlan> byMac = new HashMap<>();
    for (PortPlan each : plan.here()) {
      if (each.network().equals(network.name()) && each.address() != null) {
        byMac.put(each.mac(), each);
      }
    }
    return new DhcpLeases(network, served, Map.copyOf(byMac));
  }

  /// Null for silence.
  @Nullable DhcpMessage answer(DhcpMessage question) {
    PortPlan port = byMac.get(question.mac());
    Integer address = port == null ? null : port.address();
    if (port == null || address == null) {
      return null;
    }
    return switch (question.type()) {
      case DISCOVER -> lease(question, OFFER, port, address);
      case REQUEST -> request(question, port, address);
      case INFORM -> {
        Map<Integer, byte[]> options = options(ACK, port);
        yield reply(question, 0, options);
      }
      default -> null;
    };
  }

  private @Nullable DhcpMessage request(DhcpMessage question, PortPlan port, int address) {
    Integer server = question.address(DhcpMessage.SERVER);
    if (server != null && server != served.gateway()) {
      return null;
    }
    Integer requested = question.address(DhcpMessage.REQUESTED);
    int asked = requested != null ? requested : question.client();
    if (asked == 0 || asked == address) {
      return lease(question, ACK, port, address);
    }
    Map<Integer, byte[]> options = new HashMap<>();
    options.put(DhcpMessage.TYPE, new byte[] {NAK});
    options.put(DhcpMessage.SERVER, DhcpMessage.ofInt(served.gateway()));
    return reply(question, 0, options);
  }

  private DhcpMessage lease(DhcpMessage question, int type, PortPlan port, int address) {
    Map<Integer, byte[]> options = options(type, port);
    options.put(DhcpMessage.LEASE_SECONDS, DhcpMessage.ofInt(LEASE_SECONDS));
    return reply(question, address, options);
  }

  private Map<Integer, byte[]> options(int type, PortPlan port) {
    byte[] gateway = DhcpMessage.ofInt(served.gateway());
    Map<Integer, byte[]> options = new HashMap<>();
    options.put(DhcpMessage.TYPE, new byte[] {(byte) type});
    options.put(DhcpMessage.SERVER, gateway);
    options.put(DhcpMessage.MASK, DhcpMessage.ofInt(served.subnet().mask()));
    options.put(
        DhcpMessage.MTU, ByteBuffer.allocate(Short.BYTES).putShort((short) network.mtu()).array());
    if (port.vm().length() <= HOST_NAME_CHARACTERS_MAX) {
      options.put(DhcpMessage.HOST_NAME, DhcpMessage.ofText(port.vm()));
    }
    if (served.dns()) {
      options.put(DhcpMessage.DNS, gateway);
      options.put(DhcpMessage.DOMAIN, DhcpMessage.ofText(network.domain()));
    }
    if (served.isAnycast()) {
      routesOverLink(options, gateway);
    } else if (served.nat()) {
      // The same twice: who knows 121 must not read 3 (RFC 3442), and many know only 3.
      options.put(DhcpMessage.ROUTER, gateway);
      options.put(
          DhcpMessage.ROUTES,
          ByteBuffer.allocate(1 + Integer.BYTES).put((byte) 0).put(gateway).array());
    }
    return options;
  }

  /// The gateway is on no subnet of the guest's: only 121 can say that it is on the link.
  private void routesOverLink(Map<Integer, byte[]> options, byte[] gateway) {
    ByteBuffer routes = ByteBuffer.allocate(ROUTE_BYTES_MAX);
    routes.put((byte) Integer.SIZE).put(gateway).putInt(0);
    if (served.nat()) {
      routes.put((byte) 0).put(gateway);
    }
    options.put(DhcpMessage.ROUTES, Arrays.copyOf(routes.array(), routes.position()));
  }

  private static DhcpMessage reply(
      DhcpMessage question, int address, Map<Integer, byte[]> options) {
    return new DhcpMessage(
        true,
        question.transaction(),
        question.broadcast(),
        question.client(),
        address,
        question.mac(),
        options);
  }
}
