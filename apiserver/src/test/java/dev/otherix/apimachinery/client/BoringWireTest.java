package dev.otherix.apimachinery.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.pki.Credential;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.server.DataDirectory;
import io.netty.handler.ssl.OpenSsl;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// BoringSSL against the JDK's TLS as the server, and what is remembered of servers.
final class BoringWireTest {
  private static final char[] PASSWORD = "x".toCharArray();

  @TempDir static Path folder;
  private static DataDirectory data;
  private static Credential server;

  @BeforeAll
  static void open() throws IOException {
    OpenSsl.ensureAvailability();
    assertTrue(BoringWire.isAvailable());
    data = DataDirectory.open(folder, InstantSource.system(), new SecureRandom());
    server = data.ca().issueServer("127.0.0.1", List.of("127.0.0.1"));
  }

  /// A server that hears some bytes and answers with the client's name and what it heard.
  private static SSLServerSocket serve(Credential shown, PrivateKey key) throws Exception {
    return serve(shown, key, BoringWireTest::answer);
  }

  private static SSLServerSocket serve(Credential shown, PrivateKey key, Answer answer)
      throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry("server", key, PASSWORD, shown.chain().toArray(X509Certificate[]::new));
    keys.setCertificateEntry("authority", data.ca().certificate());
    KeyManagerFactory identity = KeyManagerFactory.getInstance("PKIX");
    identity.init(keys, PASSWORD);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
    SSLServerSocket socket =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
    socket.setNeedClientAuth(true);
    Thread.ofVirtual().start(() -> accept(socket, answer));
    return socket;
  }

  private static void answer(SSLSocket peer) throws IOException {
    byte[] heard = peer.getInputStream().readNBytes(100_000);
    String name = peer.getSession().getPeerPrincipal().getName() + "\n";
    peer.getOutputStream().write(name.getBytes(StandardCharsets.US_ASCII));
    peer.getOutputStream().write(heard);
  }

  private interface Answer {
    void to(SSLSocket peer) throws IOException;
  }

  private static void accept(SSLServerSocket socket, Answer answer) {
    try (SSLSocket peer = (SSLSocket) socket.accept()) {
      answer.to(peer);
    } catch (SSLException | SocketException _) {
      // The client went away, as the test wants.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Kubeconfig config(int port, String authority) {
    Credential client = data.ca().issueClient("somebody", List.of());
    return new Kubeconfig(
        URI.create("https://127.0.0.1:" + port),
        authority,
        Pem.write(client.chain()),
        Pem.write(client.key()),
        "",
        "");
  }

  private static Kubeconfig config(int port) {
    return config(port, Pem.write(data.ca().trusted()));
  }

  @Test
  void expectedCertificate_bothSidesHearEachOther_andTheClientIsKnown() throws Exception {
    byte[] said = new byte[100_000];
    new SecureRandom().nextBytes(said);
    try (SSLServerSocket socket = serve(server, server.key());
        BoringWire wire =
            BoringWire.to(config(socket.getLocalPort()), server.certificate().getEncoded())) {
      wire.connect();
      ByteBuffer out = ByteBuffer.wrap(said);
      while (out.hasRemaining()) {
        wire.write(out);
      }
      ByteBuffer in = ByteBuffer.allocate(200_000);
      while (wire.read(in) >= 0) {
        // Until the server says that this is all.
      }
      byte[] heard = new byte[in.flip().remaining()];
      in.get(heard);
      String name = new String(heard, 0, heard.length - said.length, StandardCharsets.US_ASCII);
      assertEquals("CN=somebody\n", name);
      assertArrayEquals(said, Arrays.copyOfRange(heard, heard.length - said.length, heard.length));
    }
  }

  /// Java's TLS would not even begin with this authority.
  @Test
  void knownServer_isAskedWithoutJavasTls() throws Exception {
    VerifiedServers known = at(folder.resolve("d"), Instant.now());
    try (SSLServerSocket socket = serve(server, server.key(), BoringWireTest::answerHttp)) {
      Kubeconfig config = config(socket.getLocalPort(), "no certificate at all");
      known.remember(config, server.certificate());
      try (Transport transport = KnownServerTransport.to(config, known)) {
        WireRequest request =
            new WireRequest("GET", "/a", "", Map.of(), new byte[0], Duration.ofSeconds(60));
        byte[] body = transport.send(request).body();
        assertEquals("GET /a HTTP/1.1", new String(body, StandardCharsets.US_ASCII));
      }
    }
  }

  private static void answerHttp(SSLSocket peer) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.US_ASCII));
    String first = lines.readLine();
    while (!lines.readLine().isEmpty()) {
      // Headers.
    }
    String answer = "HTTP/1.1 200 OK\r\ncontent-length: " + first.length() + "\r\n\r\n" + first;
    peer.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void anotherCertificate_evenOfTheSameAuthority_isNotBelieved() throws Exception {
    Credential other = data.ca().issueServer("127.0.0.1", List.of("127.0.0.1"));
    try (SSLServerSocket socket = serve(other, other.key());
        BoringWire wire =
            BoringWire.to(config(socket.getLocalPort()), server.certificate().getEncoded())) {
      assertThrows(BoringWire.NotConnectedException.class, wire::connect);
    }
  }

  @Test
  void expectedCertificate_withoutItsKey_isNotBelieved() throws Exception {
    Credential other = data.ca().issueServer("127.0.0.1", List.of("127.0.0.1"));
    try (SSLServerSocket socket = serve(server, other.key());
        BoringWire wire =
            BoringWire.to(config(socket.getLocalPort()), server.certificate().getEncoded())) {
      IOException e = assertThrows(BoringWire.NotConnectedException.class, wire::connect);
      assertTrue(e.getCause() instanceof SSLException || e.getCause() instanceof EOFException);
    }
  }

  @Test
  void keyThatIsNone_isNoConnection() {
    Kubeconfig wrong =
        new Kubeconfig(
            URI.create("https://127.0.0.1:1"), "", Pem.write(server.chain()), "no key", "", "");
    assertThrows(BoringWire.NotConnectedException.class, () -> BoringWire.to(wrong, new byte[0]));
  }

  @Test
  void reader_endsWhenAnotherThreadCloses() throws Exception {
    try (SSLServerSocket socket = serve(server, server.key())) {
      BoringWire wire =
          BoringWire.to(config(socket.getLocalPort()), server.certificate().getEncoded());
      wire.connect();
      Thread closer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  wire.close();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      assertInstanceOf(
          IOException.class,
          assertThrows(IOException.class, () -> wire.read(ByteBuffer.allocate(1))));
      closer.join();
    }
  }

  @Test
  void server_isRememberedForADay_forOneAddressAndOneAuthority() throws Exception {
    Instant now = Instant.now();
    Path place = folder.resolve("a/servers");
    Kubeconfig config = config(1);
    at(place, now).remember(config, server.certificate());
    assertArrayEquals(server.certificate().getEncoded(), at(place, now).certificate(config));
    assertNull(at(place, now).certificate(config(2)));
    assertNull(at(place, now).certificate(config(1, "another authority")));
    assertNull(at(place, now.minusSeconds(2)).certificate(config));
    assertNull(at(place, now.plus(VerifiedServers.AGE_MAX)).certificate(config));
    try (Stream<Path> files = Files.list(place)) {
      Path file = files.toList().getFirst();
      assertEquals("rw-------", permissions(file));
      assertEquals("rwx------", permissions(place));
      Files.writeString(file, "no JSON");
    }
    assertNull(at(place, now).certificate(config));
  }

  @Test
  void server_isNotRememberedLongerThanItsCertificateIsValid() throws Exception {
    Instant end = server.certificate().getNotAfter().toInstant();
    Path place = folder.resolve("b");
    at(place, end.minus(Duration.ofHours(1))).remember(config(1), server.certificate());
    byte[] known = at(place, end.minusSeconds(1)).certificate(config(1));
    assertArrayEquals(server.certificate().getEncoded(), known);
    assertNull(at(place, end).certificate(config(1)));
  }

  @Test
  void server_thatNobodyVouchesFor_isNotRemembered() {
    Path place = folder.resolve("c");
    at(place, Instant.now()).remember(config(1, ""), server.certificate());
    assertTrue(Files.notExists(place));
  }

  private static VerifiedServers at(Path place, Instant time) {
    return new VerifiedServers(place, InstantSource.fixed(time));
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
