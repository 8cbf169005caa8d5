package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.debug.Diagnosis;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Params;
import dev.otherix.apiserver.request.Route;
import dev.otherix.apiserver.request.Warnings;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a server shows of its process, and to whom.
final class DiagnosisTest {
  private final TestServer server = TestServer.start();

  @AfterEach
  void stop() {
    server.close();
  }

  private static Request request(String method, String path, String query, String token) {
    return new Request(
        method,
        path,
        query,
        Headers.of("authorization", "Bearer " + token),
        new byte[0],
        new Peer("10.0.0.7:4711", List.of(), null),
        false,
        true);
  }

  private Answer get(String path, String query, String token) throws InterruptedException {
    return server.server().handler().handle(request("GET", path, query, token));
  }

  private static byte[] body(Answer answer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Answer.Whole whole = (Answer.Whole) answer;
    while (whole.body().writeSlice((bytes, from, length, _) -> out.write(bytes, from, length))) {}
    return out.toByteArray();
  }

  private String text(String path) throws InterruptedException {
    Answer answer = get(path, "", "admin");
    assertEquals(200, answer.status(), path);
    return new String(body(answer), StandardCharsets.UTF_8);
  }

  @Test
  void diagnosis_isForAdministratorsOnly() throws Exception {
    for (String path : List.of("/debug", "/debug/threads", "/debug/profile", "/debug/none")) {
      assertEquals(403, get(path, "", "user").status(), path);
      assertEquals(401, get(path, "", "wrong").status(), path);
    }
    assertEquals(404, get("/debug/none", "", "admin").status());
    assertEquals(
        405, server.server().handler().handle(request("POST", "/debug", "", "admin")).status());
  }

  @Test
  void pages_tellOfTheProcess() throws Exception {
    assertTrue(text("/debug").contains("/debug/threads"));
    assertTrue(text("/debug/threads").contains("otherix-watchcache-/registry/core/secrets/"));
    assertTrue(text("/debug/histogram").contains("java.lang.String"));
    assertTrue(
        Json.parseObject(text("/debug/memory")).at("/heap/usedBytes").asLong() > 0,
        text("/debug/memory"));
    assertTrue(text("/debug/levels").contains("\"level\":\"people\""), text("/debug/levels"));
  }

  @Test
  void profile_isARecording_ofAsManySecondsAsAskedFor() throws Exception {
    Duration[] waited = {Duration.ZERO};
    Diagnosis diagnosis = new Diagnosis(List::of, time -> waited[0] = time);
    byte[] recording = body(diagnosis.answer(call("seconds=7")));
    assertArrayEquals(new byte[] {'F', 'L', 'R', 0}, Arrays.copyOf(recording, 4));
    assertEquals(Duration.ofSeconds(7), waited[0]);
    for (String wrong : List.of("seconds=0", "seconds=31", "seconds=soon")) {
      ApiException refusal = assertThrows(ApiException.class, () -> diagnosis.answer(call(wrong)));
      assertEquals(400, refusal.status().code());
      assertTrue(refusal.status().message().endsWith("from 1 to 30"), refusal.status()::message);
    }
  }

  @Test
  void second_whoAsks_isSentAway() throws Exception {
    CountDownLatch recording = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    Pause pause =
        _ -> {
          recording.countDown();
          enough.await();
        };
    Diagnosis diagnosis = new Diagnosis(List::of, pause);
    FutureTask<Answer> first = new FutureTask<>(() -> diagnosis.answer(call("")));
    Thread.ofVirtual().start(first);
    recording.await();
    ApiException refusal = assertThrows(ApiException.class, () -> diagnosis.answer(call("")));
    assertEquals(429, refusal.status().code());
    enough.countDown();
    assertEquals(200, first.get().status());
  }

  private static Call call(String query) {
    Request request = request("GET", "/debug/profile", query, "admin");
    Params params = Params.parse(query);
    return new Call(
        "1",
        request,
        Route.of("GET", "/debug/profile", params),
        params,
        Caller.NOBODY,
        new Warnings(),
        () -> () -> true);
  }
}
