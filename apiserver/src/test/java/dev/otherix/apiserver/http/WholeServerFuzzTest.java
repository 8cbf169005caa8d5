package dev.otherix.apiserver.http;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.auth.BearerTokens;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.fuzz.RandomRequests;
import dev.otherix.apiserver.fuzz.RequestText;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random requests to a whole server through real sockets: no 5xx, no hang, and when the clients
/// are gone, connections, requests, bodies, streams, watches and threads are gone too.
@Tag("slow")
final class WholeServerFuzzTest {
  private static final int REQUESTS = 400;
  private static final int READ_MAX = 64 * 1024;
  private static final List<String> OWN_THREADS =
      List.of("apiserver", "otherix", "audit", "request");

  private ApiServer api;
  private RunningServer server;
  private Set<String> threads;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    BearerTokens tokens =
        new BearerTokens(Map.of("admin", Caller.of("admin", List.of(Caller.MASTERS))));
    api =
        ApiServer.start(
            ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Kinds.NONE)
                .withAuthenticators(List.of(tokens)));
    server = RunningServer.of(api.handler());
    // Whatever starts with the first connection stays.
    try (Socket socket = server.connect()) {
      socket
          .getOutputStream()
          .write(
              "GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      read(socket.getInputStream());
    }
    threads = threads();
  }

  @AfterEach
  void stop() {
    server.close();
    api.close();
  }

  /// The server's own platform threads, but for the event loops, whose number is fixed and which
  /// start when they are first needed.
  private static Set<String> threads() {
    Set<String> names = new TreeSet<>();
    for (Thread each : Thread.getAllStackTraces().keySet()) {
      if (OWN_THREADS.stream().anyMatch(each.getName()::startsWith)) {
        names.add(each.threadId() + " " + each.getName());
      }
    }
    return names;
  }

  private static List<RequestText> requests(long seed) {
    RandomRequests random = new RandomRequests(new SplittableRandom(seed));
    List<RequestText> out = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      out.add(RequestText.parse(random.next()));
    }
    return out;
  }

  private static String query(RequestText request) {
    return request.query() + "&timeout=20ms&timeoutSeconds=1";
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void http1_anyRequest_isAnsweredWithoutAServerError(long seed) throws IOException {
    for (RequestText request : requests(seed)) {
      try (Socket socket = server.connect()) {
        OutputStream out = socket.getOutputStream();
        out.write(head(request).getBytes(StandardCharsets.ISO_8859_1));
        out.write(request.body());
        out.flush();
        requireGood(read(socket.getInputStream()), "seed " + seed + " " + request);
      } catch (SocketException e) {
        // The server had enough and closed before all was read.
        assertTrue(e.getMessage() != null, "seed " + seed + " " + request);
      }
    }
    requireNothingLeft("seed " + seed);
  }

  /// The header as it stands, however wrong.
  private static String head(RequestText request) {
    StringBuilder out = new StringBuilder();
    String target = request.path() + (request.query().startsWith("?") ? "" : "?" + query(request));
    out.append(request.method()).append(' ').append(target).append(" HTTP/1.1\r\n");
    out.append("host: x\r\nconnection: close\r\nauthorization: Bearer admin\r\n");
    request
        .headers()
        .forEach((name, value) -> out.append(name).append(": ").append(value).append("\r\n"));
    out.append("content-length: ").append(request.body().length).append("\r\n\r\n");
    return out.toString();
  }

  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] some = new byte[4096];
    int count = in.read(some);
    while (count >= 0 && out.size() < READ_MAX) {
      out.write(some, 0, count);
      count = in.read(some);
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  private static void requireGood(String answer, String context) {
    assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 "), () -> context + answer);
    if (!answer.isEmpty()) {
      requireGood(Integer.parseInt(answer.substring(9, 12)), context);
    }
  }

  /// 504 is for a revision that lies in the future, or for the 20 ms that each request has.
  private static void requireGood(int status, String context) {
    assertTrue(status < 500 || status == 504, () -> context + " " + status);
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void http2_anyRequest_isAnsweredWithoutAServerError(long seed) {
    try (Http2Client client = new Http2Client(server.port())) {
      for (RequestText request : requests(seed)) {
        if (!isSendable(request)) {
          continue;
        }
        DefaultHttp2Headers headers = new DefaultHttp2Headers();
        headers.add("authorization", "Bearer admin");
        request.headers().forEach(headers::add);
        String body = new String(request.body(), StandardCharsets.UTF_8);
        String target = request.path() + "?" + query(request);
        Http2Client.Call call = client.send(request.method(), target, body, true, headers);
        requireGood(call.status(), "seed " + seed + " " + request);
      }
    }
    requireNothingLeft("seed " + seed);
  }

  /// The client itself refuses to send control characters and header names in upper case.
  private static boolean isSendable(RequestText request) {
    boolean[] good = {request.path().startsWith("/")};
    request
        .headers()
        .forEach((name, value) ->
            good[0] &= (name + value).chars().allMatch(each -> each >= ' ' && each < 0x7f));
    return good[0];
  }

  private void requireNothingLeft(String context) {
    await()
        .atMost(RunningServer.PATIENCE)
        .untilAsserted(() -> {
          ServerStats stats = server.server.stats();
          assertEquals(0, stats.openConnections(), context + " " + stats);
          assertEquals(0, stats.openStreams(), context + " " + stats);
          assertEquals(0, stats.runningHandlers(), context + " " + stats);
          assertEquals(0, stats.bodyBytesInFlight(), context + " " + stats);
          assertEquals(0, server.bufferBytes(), context + " buffers");
          Set<String> more = threads();
          more.removeAll(threads);
          assertEquals(Set.of(), more, context + " threads");
          for (Resource each : api.resources().all()) {
            boolean followed = each.plural().equals("customresourcedefinitions");
            assertEquals(followed ? 1 : 0, each.cache().stats().watchers(), context + " " + each);
          }
        });
  }
}
