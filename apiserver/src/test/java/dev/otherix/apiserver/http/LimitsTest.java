package dev.otherix.apiserver.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// What happens beyond the limits.
final class LimitsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(200);

  private static HttpLimits times(Duration header, Duration body, Duration idle, Duration stall) {
    return HttpLimits.DEFAULT.withTimes(new HttpLimits.Times(LONG, header, body, idle, stall));
  }

  private static HttpLimits counts(int connections, int handlers) {
    return HttpLimits.DEFAULT.withCounts(new HttpLimits.Counts(1, connections, handlers, 250, 500));
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void header_thatDoesNotEnd_is408() throws IOException {
    try (RunningServer server = RunningServer.of(times(SHORT, LONG, LONG, LONG), Http1Test::echo)) {
      String answer = Http1Test.talk(server, "GET / HTTP/1.1\r\nHo");
      assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
      assertTrue(answer.contains("\"code\":408"), answer);
    }
  }

  @Test
  void secondHeader_thatDoesNotEnd_is408() throws IOException {
    try (RunningServer server = RunningServer.of(times(SHORT, LONG, LONG, LONG), Http1Test::echo);
        Socket socket = server.connect()) {
      send(socket, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
      assertEquals('H', socket.getInputStream().read());
      send(socket, "GET /b HTTP/1.1\r\n");
      String rest = Http1Test.readAll(socket);
      assertTrue(rest.contains("HTTP/1.1 408 "), rest);
    }
  }

  @Test
  void body_thatDoesNotEnd_is408AndReturnsItsBytes() throws IOException {
    try (RunningServer server = RunningServer.of(times(LONG, SHORT, LONG, LONG), Http1Test::echo)) {
      String answer =
          Http1Test.talk(server, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
      assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
      assertEquals(0, server.server.stats().bodyBytesInFlight());
    }
  }

  @Test
  void connection_withoutARequest_isClosed() throws IOException {
    try (RunningServer server = RunningServer.of(times(LONG, LONG, SHORT, LONG), Http1Test::echo);
        Socket socket = server.connect()) {
      send(socket, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
      String all = Http1Test.readAll(socket);
      assertTrue(all.endsWith("GET /a? 0 false"), all);
    }
  }

  @Test
  void silentConnection_isClosed() throws IOException {
    try (RunningServer server = RunningServer.of(times(SHORT, LONG, LONG, LONG), Http1Test::echo);
        Socket socket = server.connect()) {
      assertEquals("", Http1Test.readAll(socket));
    }
  }

  @Test
  void reader_thatTakesNothing_isCutOff() throws IOException {
    BodyProbe body = new BodyProbe(200L * 1024 * 1024);
    try (RunningServer server =
            RunningServer.of(
                times(LONG, LONG, LONG, SHORT),
                request -> new Answer.Whole(200, Headers.NONE, body));
        Socket socket = server.connect()) {
      send(socket, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
      await()
          .atMost(RunningServer.PATIENCE)
          .until(() -> server.server.stats().openConnections() == 0);
      // What the kernel and one connection's buffer hold; not the answer.
      assertTrue(body.written() < 16L * 1024 * 1024, "written ahead: " + body.written());
    }
  }

  @Test
  void reader_thatIsSlow_getsAll() throws IOException {
    long length = 200L * 1024 * 1024;
    BodyProbe body = new BodyProbe(length);
    try (RunningServer server =
            RunningServer.of(request -> new Answer.Whole(200, Headers.NONE, body));
        Socket socket = server.connect()) {
      send(socket, "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      await()
          .during(Duration.ofMillis(300))
          .atMost(RunningServer.PATIENCE)
          .until(() -> body.written() < 16L * 1024 * 1024);
      long got = 0;
      byte[] some = new byte[64 * 1024];
      for (int n = socket.getInputStream().read(some); n >= 0; ) {
        got += n;
        n = socket.getInputStream().read(some);
      }
      assertTrue(got > length && got < length + 1_000, got + " bytes");
    }
  }

  @Test
  void handlers_tooMany_is429() throws IOException {
    CountDownLatch go = new CountDownLatch(1);
    Handler handler =
        request -> {
          request.requireThread();
          go.await();
          return Http1Test.text(200, "done");
        };
    try (RunningServer server = RunningServer.of(counts(10, 1), handler);
        Socket first = server.connect()) {
      send(first, "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      await()
          .atMost(RunningServer.PATIENCE)
          .until(() -> server.server.stats().runningHandlers() == 1);
      String answer =
          Http1Test.talk(server, "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 429 "), answer);
      assertTrue(answer.contains("retry-after: 1\r\n"), answer);
      assertTrue(answer.contains("\"retryAfterSeconds\":1"), answer);
      go.countDown();
      assertTrue(Http1Test.readAll(first).endsWith("done"));
    }
  }

  @Test
  void bodies_tooMany_is429UntilOneEnds() throws IOException {
    HttpLimits limits =
        HttpLimits.DEFAULT.withSizes(
            new HttpLimits.Sizes(3_000_000, 8_000, 65_536, 16_384, 131_072));
    CountDownLatch go = new CountDownLatch(1);
    Handler handler =
        request -> {
          if (request.path().equals("/hold")) {
            go.await();
          }
          return Http1Test.text(200, "done");
        };
    String body = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5000\r\n\r\n";
    try (RunningServer server = RunningServer.of(limits, handler);
        Socket first = server.connect()) {
      send(first, "PUT /hold" + body + "x".repeat(5_000));
      await()
          .atMost(RunningServer.PATIENCE)
          .until(() -> server.server.stats().runningHandlers() == 1);
      assertEquals(5_000, server.server.stats().bodyBytesInFlight());
      String refused = Http1Test.talk(server, "PUT /b" + body + "x".repeat(5_000));
      assertTrue(refused.startsWith("HTTP/1.1 429 "), refused);
      go.countDown();
      assertTrue(Http1Test.readAll(first).endsWith("done"));
      assertEquals(0, server.server.stats().bodyBytesInFlight());
      assertTrue(Http1Test.talk(server, "PUT /b" + body + "x".repeat(5_000)).endsWith("done"));
    }
  }

  @Test
  void connections_tooMany_areClosed() throws IOException {
    try (RunningServer server = RunningServer.of(counts(1, 10), Http1Test::echo);
        Socket first = server.connect()) {
      send(first, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
      assertEquals('H', first.getInputStream().read());
      try (Socket second = server.connect()) {
        int got;
        try {
          got = second.getInputStream().read();
        } catch (SocketException e) {
          got = -1;
        }
        assertEquals(-1, got);
      }
      assertEquals(1, server.server.stats().refusedConnections());
      assertEquals(1, server.server.stats().openConnections());
    }
  }

  @Test
  void client_thatGoes_interruptsItsHandler() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Handler handler =
        request -> {
          request.requireThread();
          running.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
          }
          return Http1Test.text(200, "");
        };
    try (RunningServer server = RunningServer.of(handler)) {
      try (Socket socket = server.connect()) {
        send(socket, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        running.await();
      }
      assertTrue(interrupted.await(20, java.util.concurrent.TimeUnit.SECONDS));
    }
  }

  @Test
  void expectContinue_forTooMuch_isRefusedBeforeTheBody() throws IOException {
    try (RunningServer server = RunningServer.of(Http1Test::echo)) {
      String answer =
          Http1Test.talk(
              server,
              "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4000000"
                  + "\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
      assertFalse(answer.contains("100 Continue"), answer);
    }
  }
}
