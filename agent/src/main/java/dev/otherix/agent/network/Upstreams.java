package dev.otherix.agent.network;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The name servers of the host itself, read anew for each question, so that a change counts at
/// once; their answers are kept for as long as they hold.
final class Upstreams {
  private static final System.Logger LOG = System.getLogger(Upstreams.class.getName());
  private static final Duration WAIT = Duration.ofSeconds(3);
  private static final int SERVERS_MAX = 3;
  private static final int PORT = 53;
  private static final int DATAGRAM_BYTES_MAX = 4096;

  private final Path file;

  /// One for each way of asking: what comes by datagram may be shorter.
  private final DnsCache byDatagram;

  private final DnsCache byConnection;

  /// @param file such as `/etc/resolv.conf`
  /// @param nanoTime by which answers age
  Upstreams(Path file, LongSupplier nanoTime) {
    this.file = file;
    this.byDatagram = new DnsCache(nanoTime);
    this.byConnection = new DnsCache(nanoTime);
  }

  private List<InetSocketAddress> servers() throws IOException {
    List<InetSocketAddress> servers = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.strip().split("\\s+");
        if (words.length >= 2 && words[0].equals("nameserver") && servers.size() < SERVERS_MAX) {
          servers.add(new InetSocketAddress(InetAddress.ofLiteral(words[1]), PORT));
        }
      }
    } catch (NoSuchFileException | IllegalArgumentException e) {
      LOG.log(System.Logger.Level.DEBUG, "name servers of the host are not known", e);
    }
    return servers;
  }

  /// The first answer of one of them, in their order; null when none answers.
  byte @Nullable [] askByDatagram(DnsQuestion question) throws IOException {
    byte[] known = byDatagram.find(question);
    if (known != null) {
      return known;
    }
    for (InetSocketAddress each : servers()) {
      try (DatagramSocket socket = new DatagramSocket()) {
        socket.connect(each);
        socket.setSoTimeout((int) WAIT.toMillis());
        socket.send(new DatagramPacket(question.message(), question.message().length));
        DatagramPacket packet =
            new DatagramPacket(new byte[DATAGRAM_BYTES_MAX], DATAGRAM_BYTES_MAX);
        socket.receive(packet);
        byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
        if (question.isAnsweredBy(answer, answer.length)) {
          byDatagram.keep(question, answer);
          return answer;
        }
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "no answer from " + each, e);
      }
    }
    return null;
  }

  /// The same over a connection, for answers of any length.
  byte @Nullable [] askByConnection(DnsQuestion question) throws IOException {
    byte[] known = byConnection.find(question);
    if (known != null) {
      return known;
    }
    for (InetSocketAddress each : servers()) {
      try (Socket socket = new Socket()) {
        socket.setSoTimeout((int) WAIT.toMillis());
        socket.connect(each, (int) WAIT.toMillis());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.write(framed(question.message()));
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = in.readNBytes(in.readUnsignedShort());
        if (question.isAnsweredBy(answer, answer.length)) {
          byConnection.keep(question, answer);
          return answer;
        }
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "no answer from " + each, e);
      }
    }
    return null;
  }

  /// With its length in front, in one piece.
  static byte[] framed(byte[] message) {
    byte[] framed = new byte[message.length + 2];
    framed[0] = (byte) (message.length >> 8);
    framed[1] = (byte) message.length;
    System.arraycopy(message, 0, framed, 2, message.length);
    return framed;
  }
}
