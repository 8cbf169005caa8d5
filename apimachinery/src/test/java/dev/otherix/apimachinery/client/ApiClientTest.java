package dev.otherix.apimachinery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.meter.Durations;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// When a request is repeated, and when it must not be.
final class ApiClientTest {
  private static final ObjectKey KEY = new ObjectKey("default", "a");
  private static final String WIDGET =
      "{\"apiVersion\":\"example.io/v1\",\"kind\":\"Widget\",\"metadata\":{\"name\":\"a\"}}";

  private final Deque<WireAnswer> answers = new ArrayDeque<>();
  private final List<WireRequest> requests = new ArrayList<>();
  private final List<Duration> waits = new ArrayList<>();

  /// Answers what the test put down.
  private final class Script implements Transport {
    @Override
    public WireAnswer send(WireRequest request) {
      requests.add(request);
      WireAnswer answer = answers.poll();
      if (answer == null) {
        throw new ConnectionException("cut", true);
      }
      return answer;
    }

    @Override
    public Opened open(WireRequest request) {
      return new Opened.Refused(send(request));
    }

    @Override
    public Joined join(WireRequest request) {
      return new Joined.Refused(send(request));
    }

    @Override
    public void close() {
      answers.clear();
    }
  }

  private final ResourceClient widgets =
      new ApiClient(new Script(), ClientOptions.of("test").withPause(waits::add, new Random(1)))
          .resource(new GroupVersionResource("example.io", "v1", "widgets"));

  private static WireAnswer answer(int status, String retryAfter, String body) {
    Map<String, List<String>> headers =
        retryAfter.isEmpty() ? Map.of() : Map.of("retry-after", List.of(retryAfter));
    return new WireAnswer(status, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  private static WireAnswer failure(int status, String retryAfter) {
    return answer(
        status,
        retryAfter,
        "{\"kind\":\"Status\",\"code\":" + status + ",\"reason\":\"X\",\"message\":\"no\"}");
  }

  @Test
  void refusedWithRetryAfter_isRepeated_writesToo() throws InterruptedException {
    answers.add(failure(429, "2"));
    answers.add(failure(503, "1"));
    answers.add(answer(201, "", WIDGET));
    assertEquals("a", widgets.create(Json.parseObject(WIDGET)).at("/metadata/name").asString());
    assertEquals(3, requests.size());
    assertBetween(2_000, 3_000, waits.get(0));
    assertBetween(1_000, 1_500, waits.get(1));
  }

  private static void assertBetween(long least, long most, Duration wait) {
    assertTrue(wait.toMillis() >= least && wait.toMillis() <= most, wait.toString());
  }

  @Test
  void refusedForEver_endsWithTheLastRefusal() {
    for (int i = 0; i < 50; i++) {
      answers.add(failure(429, "1"));
    }
    assertEquals(429, assertThrows(ApiException.class, () -> widgets.get(KEY)).code());
    assertEquals(6, requests.size());
  }

  @Test
  void refusal_thatAsksForNoRetryOrALongOne_isNotRepeated() {
    for (WireAnswer each :
        List.of(
            failure(503, ""), failure(500, "1"), failure(429, "3600"), failure(429, "tomorrow"))) {
      answers.add(each);
      requests.clear();
      ApiException e = assertThrows(ApiException.class, () -> widgets.get(KEY));
      assertEquals(each.status(), e.code());
      assertEquals(1, requests.size());
    }
    assertEquals(List.of(), waits);
  }

  @Test
  void write_whoseOutcomeIsUnknown_isNotRepeated() {
    ConnectionException e =
        assertThrows(ConnectionException.class, () -> widgets.create(Json.parseObject(WIDGET)));
    assertTrue(e.outcomeUnknown());
    assertEquals(1, requests.size());
  }

  @Test
  void watch_refusedWithRetryAfter_isRepeated() {
    answers.add(failure(429, "1"));
    answers.add(failure(403, ""));
    ApiException e =
        assertThrows(ApiException.class, () -> widgets.watch(WatchOptions.ALL).close());
    assertEquals(403, e.code());
    assertEquals(2, requests.size());
  }

  @Test
  void failure_thatIsNoStatus_becomesOne() {
    answers.add(answer(502, "", "<html>bad gateway</html>"));
    ApiException e = assertThrows(ApiException.class, () -> widgets.get(KEY));
    assertEquals(502, e.code());
    assertTrue(e.status().message().contains("bad gateway"), e.status().message());
  }

  @Test
  void paths_areEncoded() throws InterruptedException {
    answers.add(answer(200, "", WIDGET));
    widgets.get(new ObjectKey("default", "a b/c%"));
    assertEquals(
        "/apis/example.io/v1/namespaces/default/widgets/a%20b%2Fc%25", requests.getFirst().path());
  }

  @Test
  void queries_nameWhatIsSaid() throws InterruptedException {
    answers.add(answer(200, "", "{\"kind\":\"WidgetList\",\"apiVersion\":\"example.io/v1\"}"));
    widgets.list(ListOptions.ALL.withSelectors("a in (x,y)", "").withLimit(5));
    assertEquals("labelSelector=a%20in%20%28x%2Cy%29&limit=5", requests.getFirst().query());
    answers.add(answer(200, "", WIDGET));
    widgets.create(
        Json.parseObject(WIDGET), WriteOptions.DEFAULT.asDryRun().withFieldValidation("Strict"));
    assertEquals("dryRun=All&fieldManager=test&fieldValidation=Strict", requests.getLast().query());
  }

  @Test
  void pace_isKeptByEveryAttempt() throws InterruptedException {
    List<String> asked = new ArrayList<>();
    ApiClient paced =
        new ApiClient(
            new Script(),
            ClientOptions.of("test")
                .withPause(waits::add, new Random(1))
                .withPace(() -> asked.add("turn")));
    answers.add(failure(429, "1"));
    answers.add(answer(200, "", WIDGET));
    paced.resource(new GroupVersionResource("example.io", "v1", "widgets")).get(KEY);
    assertEquals(List.of("turn", "turn"), asked);
  }

  @Test
  void fence_stopsWritesAndShortensThem_readsPass() throws InterruptedException {
    List<Duration> allowed = new ArrayList<>(List.of(Duration.ofSeconds(2)));
    ResourceClient fenced =
        new ApiClient(
                new Script(),
                ClientOptions.of("test")
                    .withFence(() -> {
                      if (allowed.isEmpty()) {
                        throw new ConnectionException("does not lead", false);
                      }
                      return allowed.removeFirst();
                    }))
            .resource(new GroupVersionResource("example.io", "v1", "widgets"));
    answers.add(answer(201, "", WIDGET));
    fenced.create(Json.parseObject(WIDGET));
    assertEquals(Duration.ofSeconds(2), requests.getFirst().deadline());
    assertThrows(ConnectionException.class, () -> fenced.create(Json.parseObject(WIDGET)));
    answers.add(answer(200, "", WIDGET));
    fenced.get(KEY);
    assertEquals(2, requests.size());
    assertEquals(Duration.ofSeconds(30), requests.getLast().deadline());
  }

  @Test
  void meter_countsByVerbAndCode() {
    ApiClient client =
        new ApiClient(new Script(), ClientOptions.of("test").withPause(waits::add, new Random(1)));
    ResourceClient metered =
        client.resource(new GroupVersionResource("example.io", "v1", "widgets"));
    answers.add(failure(429, "1"));
    answers.add(failure(404, ""));
    assertThrows(ApiException.class, () -> metered.get(KEY));
    assertThrows(ConnectionException.class, () -> metered.get(KEY));
    Map<String, Double> counted = new TreeMap<>();
    for (Family family : client.options().meter().families("here")) {
      for (Family.Point point : family.points()) {
        switch (point) {
          case Family.Point.Value(List<String> labels, double value) ->
              counted.put(family.name() + labels, value);
          case Family.Point.Distribution(List<String> labels, Durations.Snapshot times) ->
              counted.put(family.name() + labels, (double) times.total());
        }
      }
    }
    assertEquals(
        Map.of(
            "rest_client_requests_total[429, GET, here]", 1.0,
            "rest_client_requests_total[404, GET, here]", 1.0,
            "rest_client_requests_total[<error>, GET, here]", 1.0,
            "rest_client_request_retries_total[429, GET, here]", 1.0,
            "rest_client_request_duration_seconds[GET, here]", 3.0,
            "rest_client_rate_limiter_duration_seconds[GET, here]", 3.0),
        counted);
  }
}
