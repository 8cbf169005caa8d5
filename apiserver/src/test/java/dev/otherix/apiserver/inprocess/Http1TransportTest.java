package dev.otherix.apiserver.inprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Http1Transport;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireRequest;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Listener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
final class Http1TransportTest extends ClientContract {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir static Path directory;

  @Override
  WidgetServer start() throws Exception {
    // Whoever has a process on this machine; which users are let in is LocalPeers' to say.
    Authenticator anybody =
        request ->
            request.peer().unix() == null ? null : Caller.of("local", List.of(Caller.MASTERS));
    return WidgetServer.start(
        WidgetServer.newStore(),
        List.of(anybody),
        List.of(new Listener.Unix(directory.resolve("api.sock"), "rw-rw----")));
  }

  @Override
  Transport connect(WidgetServer to) {
    return Http1Transport.unix(directory.resolve("api.sock"));
  }

  private static WireRequest request(String method, Duration deadline) {
    return new WireRequest(method, "/a", "", Map.of(), new byte[0], deadline);
  }

  /// A server that answers one connection as it is told, then closes it.
  private static Thread serve(Path socket, String... answers) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    return Thread.ofVirtual()
        .start(() -> {
          try (server) {
            for (String answer : answers) {
              try (SocketChannel peer = server.accept()) {
                peer.read(ByteBuffer.allocate(4096));
                peer.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.ISO_8859_1)));
              }
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nt: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhello",
      })
  void body_inAnyFraming_isRead(String answer) throws Exception {
    Path socket = directory.resolve("framing-" + Integer.toHexString(answer.hashCode()));
    Thread server = serve(socket, answer);
    try (Http1Transport transport = Http1Transport.unix(socket)) {
      assertEquals(
          "hello",
          new String(transport.send(request("GET", LONG)).body(), StandardCharsets.US_ASCII));
    }
    server.join();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        "SSH-2.0-x\r\n",
        "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
      })
  void answer_thatBreaksOff_isAFailure_ofAWriteWithUnknownOutcome(String answer) throws Exception {
    Path socket = directory.resolve("broken-" + Integer.toHexString(answer.hashCode()));
    Thread server = serve(socket, answer);
    try (Http1Transport transport = Http1Transport.unix(socket)) {
      ConnectionException e =
          assertThrows(ConnectionException.class, () -> transport.send(request("POST", LONG)));
      assertTrue(e.outcomeUnknown());
    }
    server.join();
  }

  @Test
  void read_onAConnectionThatTheServerClosed_isSentAgain() throws Exception {
    Path socket = directory.resolve("again");
    String answer = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n";
    Thread server = serve(socket, answer + "a", answer + "b");
    try (Http1Transport transport = Http1Transport.unix(socket)) {
      assertEquals('a', transport.send(request("GET", LONG)).body()[0]);
      assertEquals('b', transport.send(request("GET", LONG)).body()[0]);
    }
    server.join();
  }

  @Test
  void noServer_isAFailure_thatTheServerDidNotSee() {
    try (Http1Transport transport = Http1Transport.unix(directory.resolve("nobody"))) {
      ConnectionException e =
          assertThrows(ConnectionException.class, () -> transport.send(request("POST", LONG)));
      assertFalse(e.outcomeUnknown());
    }
  }

  @Test
  void silence_endsWithTheDeadline() throws Exception {
    Path socket = directory.resolve("silent");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Http1Transport transport = Http1Transport.unix(socket)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      ConnectionException e =
          assertThrows(
              ConnectionException.class,
              () -> transport.send(request("GET", Duration.ofMillis(50))));
      assertTrue(String.valueOf(e.getMessage()).contains("no answer within"), e.getMessage());
    }
  }
}
