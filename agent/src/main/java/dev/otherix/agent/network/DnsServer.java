package dev.otherix.agent.network;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Answers DNS on a gateway's address, of one network or of all that share it: names of machines
/// from here, others from the host's name servers. What exceeds its limits is dropped, as networks
/// do; clients ask again.
final class DnsServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DnsServer.class.getName());
  private static final int PORT = 53;
  private static final int DATAGRAM_BYTES_MAX = 4096;
  private static final int FORWARDED_MAX = 256;
  private static final int CONNECTIONS_MAX = 32;
  private static final Duration CONNECTION_IDLE = Duration.ofSeconds(10);

  private final Upstreams upstreams;
  private final DatagramSocket datagrams;
  private final ServerSocket connections;
  private final Semaphore forwarded = new Semaphore(FORWARDED_MAX);
  private final Semaphore connected = new Semaphore(CONNECTIONS_MAX);
  private volatile List<DnsZone> zones;

  private DnsServer(
      Upstreams upstreams,
      DatagramSocket datagrams,
      ServerSocket connections,
      List<DnsZone> zones) {
    this.upstreams = upstreams;
    this.datagrams = datagrams;
    this.connections = connections;
    this.zones = zones;
  }

  /// @param address one that the host has
  /// @throws NetworkException when somebody else has the port
  static DnsServer start(int address, List<DnsZone> zones, Upstreams upstreams) {
    InetSocketAddress local;
    DatagramSocket datagrams = null;
    try {
      local = new InetSocketAddress(InetAddress.getByAddress(DhcpMessage.ofInt(address)), PORT);
      datagrams = new DatagramSocket(local);
      ServerSocket connections = new ServerSocket();
      connections.setReuseAddress(true);
      connections.bind(local);
      DnsServer server = new DnsServer(upstreams, datagrams, connections, zones);
      Thread.ofVirtual().name("dns-datagrams-" + Cidr.text(address)).start(server::serveDatagrams);
      Thread.ofVirtual()
          .name("dns-connections-" + Cidr.text(address))
          .start(server::serveConnections);
      return server;
    } catch (IOException e) {
      if (datagrams != null) {
        datagrams.close();
      }
      throw new NetworkException(
          "DNS cannot be served on "
              + Cidr.text(address)
              + ": "
              + e.getMessage()
              + "; if another name server of this host listens on every address, narrow that",
          e);
    }
  }

  void use(List<DnsZone> next) {
    zones = next;
  }

  /// What a client may know: the network that it is on, by its address, which the packet filter has
  /// seen to be its own. Null for a client of no network.
  private @Nullable DnsZone zoneOf(InetAddress client) {
    int address = ByteBuffer.wrap(client.getAddress()).getInt();
    for (DnsZone each : zones) {
      if (each.subnet().contains(address)) {
        return each;
      }
    }
    return null;
  }

  private void serveDatagrams() {
    byte[] buffer = new byte[DATAGRAM_BYTES_MAX];
    while (!datagrams.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        datagrams.receive(packet);
        byte[] message = Arrays.copyOf(packet.getData(), packet.getLength());
        handle(message, (InetSocketAddress) packet.getSocketAddress());
      } catch (SocketException e) {
        if (!datagrams.isClosed()) {
          LOG.log(System.Logger.Level.DEBUG, "dns datagram lost", e);
        }
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "dns datagram lost", e);
      }
    }
  }

  private void handle(byte[] message, InetSocketAddress client) throws IOException {
    DnsQuestion question = DnsQuestion.parse(message);
    DnsZone zone = zoneOf(client.getAddress());
    if (question == null || zone == null) {
      return;
    }
    byte[] own = zone.answer(question);
    if (own != null) {
      datagrams.send(new DatagramPacket(own, own.length, client));
    } else if (forwarded.tryAcquire()) {
      Thread.ofVirtual().name("dns-forward").start(() -> forward(question, client));
    }
  }

  private void forward(DnsQuestion question, InetSocketAddress client) {
    try {
      byte[] answer = orFailure(question, upstreams.askByDatagram(question));
      datagrams.send(new DatagramPacket(answer, answer.length, client));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "dns answer lost", e);
    } finally {
      forwarded.release();
    }
  }

  private static byte[] orFailure(DnsQuestion question, byte @Nullable [] answer) {
    return answer == null ? question.answer(DnsQuestion.SERVER_FAILURE, List.of()) : answer;
  }

  private void serveConnections() {
    while (!connections.isClosed()) {
      try {
        Socket client = connections.accept();
        if (connected.tryAcquire()) {
          Thread.ofVirtual().name("dns-connection").start(() -> serve(client));
        } else {
          client.close();
        }
      } catch (IOException e) {
        if (!connections.isClosed()) {
          LOG.log(System.Logger.Level.DEBUG, "dns connection lost", e);
        }
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setSoTimeout((int) CONNECTION_IDLE.toMillis());
      DataInputStream in = new DataInputStream(client.getInputStream());
      while (true) {
        DnsQuestion question = DnsQuestion.parse(in.readNBytes(in.readUnsignedShort()));
        DnsZone zone = zoneOf(client.getInetAddress());
        if (question == null || zone == null) {
          return;
        }
        byte[] own = zone.answer(question);
        byte[] answer =
            own != null ? own : orFailure(question, upstreams.askByConnection(question));
        client.getOutputStream().write(Upstreams.framed(answer));
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "dns connection ended", e);
    } finally {
      connected.release();
    }
  }

  @Override
  public void close() throws IOException {
    datagrams.close();
    connections.close();
  }
}
