package dev.otherix.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What somebody sends who has no right to anything, or who shares a connection with others: two
/// meanings of one request, endless requests, oversized ones.
final class WireAttackTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final int TRICKLE_MILLIS = 20;
  private static final int TRICKLES_MAX = 1_000;
  private static final int SLOW_CLIENTS = 200;
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

  private final List<String> seen = new CopyOnWriteArrayList<>();

  private Answer noted(Request request) {
    seen.add(request.path());
    return Http1Test.text(200, "here is " + request.path());
  }

  record Smuggling(String name, String head, String body) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Smuggling both(String name, String length, String encoding) {
    return new Smuggling(name, length + "\r\n" + encoding + "\r\n", "0\r\n\r\n" + SMUGGLED);
  }

  static Stream<Smuggling> smuggled() {
    String length = "Content-Length: " + (5 + SMUGGLED.length());
    return Stream.of(
        both("length, then chunks", length, "Transfer-Encoding: chunked"),
        both("chunks, then length", "Transfer-Encoding: chunked", length),
        both("a short length and chunks", "Content-Length: 5", "Transfer-Encoding: chunked"),
        both("chunks under an odd name", length, "Transfer-Encoding : chunked"),
        both("chunks behind a tab", length, "Transfer-Encoding:\tchunked"),
        both("chunks and something else", length, "Transfer-Encoding: chunked, identity"),
        both("something else and chunks", length, "Transfer-Encoding: identity, chunked"),
        both("almost chunks", length, "Transfer-Encoding: xchunked"),
        both("chunks twice", "Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        both("chunks on a folded line", length, "Transfer-Encoding:\r\n chunked"),
        both("two lengths", "Content-Length: 5", length),
        both("two lengths in one", "Content-Length: 5, " + (5 + SMUGGLED.length()), "X: y"),
        both("a length with a sign", "Content-Length: +5", "X: y"),
        both("a length in hexadecimal", "Content-Length: 0x5", "X: y"),
        both("a length with a space inside", "Content-Length: 1 0", "X: y"));
  }

  /// Nobody may see the second request: whoever stands in front of the server took it for a body.
  @ParameterizedTest
  @MethodSource("smuggled")
  void smuggling_lengthAgainstChunks_isRefusedAndTheConnectionCloses(Smuggling attack)
      throws IOException {
    try (RunningServer server = RunningServer.of(this::noted)) {
      String answer =
          Http1Test.talk(
              server, "POST /front HTTP/1.1\r\nHost: x\r\n" + attack.head + "\r\n" + attack.body);
      assertTrue(answer.startsWith("HTTP/1.1 400 ") || answer.startsWith("HTTP/1.1 501 "), answer);
      assertFalse(answer.contains("smuggled"), answer);
      assertEquals(List.of(), seen);
    }
  }

  /// Also when a folded line, which belongs to the field before it, only looks like an encoding.
  @ParameterizedTest
  @ValueSource(strings = {"X: y", "X: y\r\n Transfer-Encoding: chunked"})
  void smuggling_aBodyThatLooksLikeARequest_staysABody(String more) throws IOException {
    try (RunningServer server = RunningServer.of(this::noted)) {
      String answer =
          Http1Test.talk(
              server,
              "POST /front HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  + more
                  + "\r\nContent-Length: "
                  + SMUGGLED.length()
                  + "\r\n\r\n"
                  + SMUGGLED);
      assertTrue(answer.endsWith("here is /front"), answer);
      assertEquals(List.of("/front"), seen);
    }
  }

  private static HttpLimits times(Duration header, Duration body) {
    return HttpLimits.DEFAULT.withTimes(new HttpLimits.Times(LONG, header, body, LONG, LONG));
  }

  /// Sends a byte again and again, so that the connection is never idle, until it is closed.
  ///
  /// @return what the server said
  private static String trickle(Socket socket, String beginning, char more) throws IOException {
    StringBuilder said = new StringBuilder();
    socket.setSoTimeout(TRICKLE_MILLIS);
    socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < TRICKLES_MAX; i++) {
      try {
        socket.getOutputStream().write(more);
        int next = socket.getInputStream().read();
        if (next < 0) {
          return said.toString();
        }
        said.append((char) next);
      } catch (SocketTimeoutException _) {
        // Nothing was said; this is the pause between two bytes.
      } catch (SocketException _) {
        // It was closed while a byte was on its way.
        return said.toString();
      }
    }
    throw new AssertionError("the server still listens after " + TRICKLES_MAX + " bytes");
  }

  @Test
  void slowloris_headerByteByByte_isCutOff() throws IOException {
    try (RunningServer server = RunningServer.of(times(SHORT, LONG), this::noted);
        Socket socket = server.connect()) {
      String said = trickle(socket, "GET /slow HTTP/1.1\r\nX: ", 'a');
      assertTrue(said.isEmpty() || said.startsWith("HTTP/1.1 408 "), said);
      assertEquals(List.of(), seen);
    }
  }

  @Test
  void slowBody_byteByByte_isCutOff() throws IOException {
    try (RunningServer server = RunningServer.of(times(LONG, SHORT), this::noted);
        Socket socket = server.connect()) {
      String head = "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n";
      String said = trickle(socket, head, 'a');
      assertTrue(said.isEmpty() || said.startsWith("HTTP/1.1 408 "), said);
      assertEquals(List.of(), seen);
    }
  }

  @Test
  void slowloris_manyAtOnce_keepNobodyOut() throws IOException {
    List<Socket> slow = new ArrayList<>();
    try (RunningServer server = RunningServer.of(times(LONG, LONG), this::noted)) {
      for (int i = 0; i < SLOW_CLIENTS; i++) {
        Socket socket = server.connect();
        slow.add(socket);
        String half =
            i % 2 == 0
                ? "GET /slow HTTP/1.1\r\nX: "
                : "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc";
        socket.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
      }
      String answer =
          Http1Test.talk(server, "GET /good HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertTrue(answer.endsWith("here is /good"), answer);
      assertEquals(List.of("/good"), seen);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  /// Before anybody is asked who he is: the handler, which would ask, is not called.
  @Test
  void oversizedRequests_areRefusedBeforeAnybodyIsAsked() throws IOException {
    try (RunningServer server = RunningServer.of(this::noted)) {
      String head = "POST /big HTTP/1.1\r\nHost: x\r\n";
      String announced = Http1Test.talk(server, head + "Content-Length: 999999999\r\n\r\n");
      assertTrue(announced.startsWith("HTTP/1.1 413 "), announced);
      String chunk = "100000\r\n" + "x".repeat(0x100000) + "\r\n";
      String chunked =
          Http1Test.talk(server, head + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(4));
      assertTrue(chunked.startsWith("HTTP/1.1 413 "), chunked);
      String header = Http1Test.talk(server, head + "X: " + "y".repeat(70_000) + "\r\n\r\n");
      assertTrue(header.startsWith("HTTP/1.1 431 "), header);
      String path = Http1Test.talk(server, "GET /" + "p".repeat(20_000) + " HTTP/1.1\r\n");
      assertTrue(path.startsWith("HTTP/1.1 414 "), path);
      assertEquals(List.of(), seen);
    }
  }
}
