package dev.otherix.apiserver.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LifecycleTest {
  @Test
  void drain_letsRequestsEnd_andTakesNoNewOnes() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Handler handler =
        request -> {
          request.requireThread();
          running.countDown();
          go.await();
          return Http1Test.text(200, "done");
        };
    try (RunningServer server = RunningServer.of(handler);
        Socket busy = server.connect();
        Http2Client client = new Http2Client(server.port())) {
      Http2Client.Call call = client.send("GET", "/a", "");
      busy.getOutputStream()
          .write("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      await()
          .atMost(RunningServer.PATIENCE)
          .until(() -> server.server.stats().runningHandlers() == 2);
      Thread drain =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  assertTrue(server.server.drain(RunningServer.PATIENCE));
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertEquals(0L, Http2Client.get(client.goAway));
      assertThrows(IOException.class, () -> server.connect().close());
      go.countDown();
      String answer = Http1Test.readAll(busy);
      assertTrue(answer.contains("connection: close"), answer);
      assertTrue(answer.endsWith("done"), answer);
      assertEquals("done", call.text());
      drain.join();
      assertEquals(0, server.server.stats().openConnections());
    }
  }

  @Test
  void drain_http2_namesTheLastStreamOnlyOnceTheClientKnows() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Handler handler =
        request -> {
          request.requireThread();
          go.await();
          return Http1Test.text(200, "done");
        };
    try (RunningServer server = RunningServer.of(handler);
        Http2Client client = new Http2Client(server.port());
        Http2Client unaware = new Http2Client(server.port(), false)) {
      Http2Client.Call call = client.send("GET", "/a", "");
      Http2Client.Call early = unaware.send("GET", "/a", "");
      await()
          .atMost(RunningServer.PATIENCE)
          .until(() -> server.server.stats().runningHandlers() == 2);
      FutureTask<Boolean> drained =
          new FutureTask<>(() -> server.server.drain(RunningServer.PATIENCE));
      Thread.ofVirtual().start(drained);
      await().atMost(RunningServer.PATIENCE).until(() -> client.lastStreams.size() == 2);
      assertEquals(List.of(Integer.MAX_VALUE, 3), client.lastStreams);
      // Sent after the goodbye, by one that has not answered it: served all the same.
      assertEquals(0L, Http2Client.get(unaware.goAway));
      Http2Client.Call late = unaware.send("GET", "/a", "");
      go.countDown();
      assertEquals("done", call.text());
      assertEquals("done", early.text());
      assertEquals("done", late.text());
      assertTrue(drained.get());
    }
  }

  @Test
  void drain_tooLong_cancels() throws Exception {
    Handler handler =
        request -> {
          request.requireThread();
          new CountDownLatch(1).await();
          return Http1Test.text(200, "never");
        };
    try (RunningServer server = RunningServer.of(handler);
        Socket busy = server.connect()) {
      busy.getOutputStream()
          .write("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      await()
          .atMost(RunningServer.PATIENCE)
          .until(() -> server.server.stats().runningHandlers() == 1);
      assertFalse(server.server.drain(Duration.ofMillis(50)));
      await()
          .atMost(RunningServer.PATIENCE)
          .until(() -> server.server.stats().runningHandlers() == 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"gzip, true", "'br, gzip;q=0.5', true", "gzip;q=0, false", "identity, false"})
  void gzip_largeAnswer_whenTheClientTakesIt(String accepted, boolean expected) throws Exception {
    byte[] content = new byte[3_000_000];
    new Random(5).nextBytes(content);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) ('a' + (content[i] & 7));
    }
    try (RunningServer server =
            RunningServer.of(request -> new Answer.Whole(200, Headers.NONE, Body.of(content)));
        HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(server.uri("/")).header("Accept-Encoding", accepted).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertEquals("accept-encoding", answer.headers().firstValue("vary").orElse(""));
      assertEquals(expected, answer.headers().firstValue("content-encoding").isPresent());
      byte[] got = answer.body();
      if (expected) {
        assertTrue(got.length < content.length / 2, got.length + " bytes");
        got = new GZIPInputStream(new ByteArrayInputStream(got)).readAllBytes();
      }
      assertArrayEquals(content, got);
    }
  }

  @Test
  void gzip_smallAnswer_isLeftAlone() throws Exception {
    try (RunningServer server = RunningServer.of(Http1Test::echo);
        HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(server.uri("/")).header("Accept-Encoding", "gzip").build(),
              HttpResponse.BodyHandlers.ofString());
      assertEquals("GET /? 0 false", answer.body());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomBytes_neverHangNorLeak(long seed) throws IOException {
    Random random = new Random(seed);
    String[] parts = {
      "GET / HTTP/1.1\r\n", "Host: x\r\n", "\r\n", "Content-Length: 5\r\n", "PRI * HTTP/2.0\r\n",
      "\r\nSM\r\n\r\n", "Transfer-Encoding: chunked\r\n", "5\r\nabcde\r\n", "0\r\n\r\n", "POST /a "
    };
    HttpLimits limits =
        HttpLimits.DEFAULT.withTimes(
            new HttpLimits.Times(
                Duration.ofSeconds(1),
                Duration.ofMillis(300),
                Duration.ofMillis(300),
                Duration.ofMillis(300),
                Duration.ofSeconds(1)));
    try (RunningServer server = RunningServer.of(limits, Http1Test::echo)) {
      for (int i = 0; i < 150; i++) {
        try (Socket socket = server.connect()) {
          for (int n = random.nextInt(12); n >= 0; n--) {
            byte[] junk = new byte[random.nextInt(30)];
            random.nextBytes(junk);
            boolean sense = random.nextInt(4) > 0;
            socket
                .getOutputStream()
                .write(
                    sense
                        ? parts[random.nextInt(parts.length)].getBytes(StandardCharsets.US_ASCII)
                        : junk);
          }
        } catch (java.net.SocketException e) {
          // The server had enough.
          assertTrue(e.getMessage() != null, "seed " + seed);
        }
      }
      await()
          .atMost(RunningServer.PATIENCE)
          .untilAsserted(() -> {
            ServerStats stats = server.server.stats();
            assertEquals(0, stats.openConnections(), "seed " + seed + " " + stats);
            assertEquals(0, stats.bodyBytesInFlight(), "seed " + seed + " " + stats);
            assertEquals(0, stats.runningHandlers(), "seed " + seed + " " + stats);
          });
      String answer =
          Http1Test.talk(server, "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertTrue(answer.endsWith("GET /a? 0 false"), "seed " + seed);
    }
  }
}
