package dev.otherix.agent.network;

import dev.otherix.agent.network.KernelLinks.Link;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The host's own way to a port of a guest: from the host's address on the guest's bridge, so that
/// nothing that merely has the same address elsewhere can be meant. Used once.
final class Doorway {
  /// Shorter than the server waits.
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

  private final String vm;
  private final int port;
  private final Socket socket = new Socket();
  private @Nullable Integer guest;

  Doorway(String vm, int port) {
    this.vm = vm;
    this.port = port;
  }

  /// Takes a local port, and has the packet filter let this one conversation pass.
  ///
  /// @param interfaces of the machine
  /// @throws ApiException when none of them can be reached from here
  void prepare(List<PortPlan> interfaces, HostPlan plan, HostNetwork host)
      throws InterruptedException {
    String why = "it has no interface on a network; give it one in spec.network";
    for (PortPlan nic :
        interfaces.stream()
            .sorted(Comparator.comparingInt(any -> any.port().spec().order()))
            .toList()) {
      NetworkPlan network = plan.networkOf(nic);
      Integer address = nic.address();
      if (network == null || address == null) {
        why = "network " + nic.network() + " gives it no address that is known here";
        continue;
      }
      Link bridge = host.links().get(network.bridge());
      Integer own = bridge == null ? null : ownAddress(bridge, address);
      if (own == null) {
        why =
            "its node has no address on network "
                + nic.network()
                + "; give the network dhcp, dns or egress: nat";
        continue;
      }
      open(own);
      guest = address;
      host.letThrough(plan, nic, port, own, socket.getLocalPort());
      return;
    }
    throw ApiException.of(StatusReason.CONFLICT, "port " + port + " of " + vm + ": " + why);
  }

  private static @Nullable Integer ownAddress(Link bridge, int guest) {
    for (String each : bridge.addresses()) {
      if (Cidr.ofAddress(each).contains(guest)) {
        return Cidr.address(each.split("[ /]", 2)[0]);
      }
    }
    return null;
  }

  private void open(int own) {
    try {
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(DhcpMessage.ofInt(own)), 0));
      socket.setKeepAlive(true);
      socket.setTcpNoDelay(true);
    } catch (IOException e) {
      throw unavailable("its node cannot open a socket: " + e.getMessage(), e);
    }
  }

  /// @throws ApiException when nobody answers
  Socket connect() {
    Integer address = guest;
    if (address == null) {
      throw new IllegalStateException("a doorway that was not prepared");
    }
    try {
      InetAddress to = InetAddress.getByAddress(DhcpMessage.ofInt(address));
      socket.connect(new InetSocketAddress(to, port), (int) CONNECT_MAX.toMillis());
      return socket;
    } catch (SocketTimeoutException e) {
      throw unavailable(
          "no answer within "
              + CONNECT_MAX.toSeconds()
              + " s; is the guest up, and does its own firewall let its node in?",
          e);
    } catch (ConnectException e) {
      throw unavailable("the guest refused; does anything listen there?", e);
    } catch (IOException e) {
      throw unavailable("the guest cannot be reached: " + e.getMessage(), e);
    }
  }

  /// Gives up.
  ApiException unavailable(String why, Exception cause) {
    try {
      socket.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    ApiException refused =
        ApiException.of(
            StatusReason.SERVICE_UNAVAILABLE, "port " + port + " of " + vm + ": " + why);
    return new ApiException(refused.status(), cause);
  }
}
