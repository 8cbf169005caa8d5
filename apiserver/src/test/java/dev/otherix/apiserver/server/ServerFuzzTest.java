package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.fuzz.Fuzz;
import dev.otherix.apiserver.fuzz.RandomRequests;
import dev.otherix.apiserver.fuzz.RequestText;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Handler;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.MessageStream;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.http.WouldWait;
import dev.otherix.apiserver.registry.Resource;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Any request at all gets an answer in time, and the answer is no 5xx: neither random bytes nor
/// what is nearly right. Everything that a request took is given back.
final class ServerFuzzTest {
  private static final int PATIENCE_SECONDS = 30;
  private static final int EVENTS_MAX = 50;

  /// A server forgets what was sent to it now and then, so that a long run needs no more memory.
  private static final int REQUESTS_PER_SERVER = 5_000;

  @Test
  void anyRequest_isAnswered_withoutAServerError() {
    try (ExecutorService caller =
            Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("fuzz-caller").factory());
        Fixture fixture = new Fixture(caller)) {
      Fuzz.runText(
          "server",
          random -> new RandomRequests(random).next(),
          text -> fixture.send(RequestText.parse(text)));
    }
  }

  private static final class Fixture implements AutoCloseable {
    private final ExecutorService caller;
    private TestServer server = TestServer.start();
    private int sent;

    Fixture(ExecutorService caller) {
      this.caller = caller;
    }

    void send(RequestText text) throws InterruptedException, ExecutionException {
      if (++sent % REQUESTS_PER_SERVER == 0) {
        server.close();
        server = TestServer.start();
      }
      Future<?> running = caller.submit(() -> attempt(server.server().handler(), text));
      try {
        running.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        throw new AssertionError("no answer in " + PATIENCE_SECONDS + " s", e);
      }
    }

    @Override
    public void close() {
      for (Resource resource : server.server().resources().all()) {
        boolean followed = resource.plural().equals("customresourcedefinitions");
        long expected = followed ? 1 : 0;
        assertEquals(expected, resource.cache().stats().watchers(), "watches of " + resource);
      }
      server.close();
    }
  }

  static void attempt(Handler handler, RequestText text) {
    try {
      Answer answer = answer(handler, text);
      assertFalse(Thread.interrupted(), "an interrupt is left behind");
      switch (answer) {
        case Answer.Whole whole -> check(whole);
        case Answer.Stream stream -> check(stream.messages());
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static Answer answer(Handler handler, RequestText text) throws InterruptedException {
    Headers headers = text.headers();
    if (headers.first("authorization") == null) {
      headers = headers.with("authorization", "Bearer admin");
    }
    // A wish for the future is waited for; not here for long.
    boolean patient = text.query().contains("timeout=");
    String query = patient ? text.query() : text.query() + "&timeout=20ms";
    Peer peer = new Peer("fuzz", List.of(), null);
    try {
      if (text.method().equals("GET")) {
        return handler.handle(
            new Request(
                text.method(), text.path(), query, headers, text.body(), peer, false, false));
      }
    } catch (WouldWait _) {
      // As the wire does: again, on a thread that may wait.
    }
    return handler.handle(
        new Request(text.method(), text.path(), query, headers, text.body(), peer, false, true));
  }

  private static void check(Answer.Whole whole) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean more = true;
    while (more) {
      more =
          whole.body().writeSlice((bytes, offset, length, _) -> out.write(bytes, offset, length));
    }
    assertEquals(whole.body().length(), out.size(), "length of the body");
    String type = whole.headers().first("content-type");
    whole
        .headers()
        .forEach((name, value) ->
            assertTrue(
                (name + value).chars().noneMatch(each -> each < ' ' || each == 0x7f),
                () -> "header " + name + " has a control character"));
    JsonNode tree = null;
    if (type != null && type.startsWith("application/json") && whole.status() != 304) {
      tree = Json.decode(out.toByteArray(), Limits.STORED).tree();
    }
    assertTrue(
        whole.status() < 500 || whole.status() == 504,
        () -> whole.status() + " " + out.toString(java.nio.charset.StandardCharsets.UTF_8));
    if (whole.status() >= 400 && tree != null && tree.path("kind").asString("").equals("Status")) {
      assertEquals(whole.status(), tree.path("code").asInt(0), "code of the Status");
      assertFalse(tree.path("message").asString("").isEmpty(), "a Status without a message");
    }
  }

  private static void check(MessageStream messages) {
    messages.open(() -> {});
    try {
      for (int i = 0; i < EVENTS_MAX; i++) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        MessageStream.Next next =
            messages.next((bytes, offset, length, _) -> out.write(bytes, offset, length));
        if (next != MessageStream.Next.MESSAGE) {
          return;
        }
        JsonNode event = Json.decode(out.toByteArray(), Limits.STORED).tree();
        assertFalse(event.path("type").asString("").isEmpty(), event::toString);
      }
    } finally {
      messages.close();
    }
  }
}
