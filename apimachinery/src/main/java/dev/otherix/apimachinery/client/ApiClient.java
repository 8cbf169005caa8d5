package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A client of one API server. Thread-safe. Repeats a request only when the server said that it did
/// nothing and when to come again (429 or 503 with Retry-After). Each attempt keeps to the pace of
/// the options, and each write asks their fence.
///
/// Failures are an [ApiException] with the server's Status, or a [ConnectionException] when no
/// answer came.
public final class ApiClient implements AutoCloseable {
  /// Lists can be long; what is longer should be read in pages.
  private static final Limits ANSWER = new Limits(512 * 1024 * 1024, 210, 0, 200_000_000, 1);

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;
  private static final byte[] NOTHING = new byte[0];

  private final Transport transport;
  private final ClientOptions options;

  public ApiClient(Transport transport, ClientOptions options) {
    this.transport = transport;
    this.options = options;
  }

  /// A second client on the same connections.
  public ApiClient with(ClientOptions others) {
    return new ApiClient(transport, others);
  }

  public ClientOptions options() {
    return options;
  }

  public ResourceClient resource(GroupVersionResource resource) {
    return new ResourceClient(this, resource, false);
  }

  public Discovery discovery() {
    return new Discovery(this);
  }

  /// Reads any path that answers with a JSON object, such as `/version`.
  public ObjectNode getRaw(String path) throws InterruptedException {
    return getRaw(path, "application/json");
  }

  ObjectNode getRaw(String path, String accept) throws InterruptedException {
    return object(request("GET", path, "", accept, "", NOTHING));
  }

  /// Sends any request and hands back the body of its answer, whatever that is.
  ///
  /// @param body null for none
  /// @throws ApiException when it is refused
  public byte[] raw(String method, String path, String query, @Nullable JsonNode body)
      throws InterruptedException {
    WireRequest request =
        body == null
            ? request(method, path, query, "application/json, */*", "", NOTHING)
            : request(
                method, path, query, "application/json, */*", "application/json", bytes(body));
    return send(request).body();
  }

  WireRequest request(
      String method, String path, String query, String accept, String contentType, byte[] body) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("accept", accept);
    headers.put("user-agent", options.fieldManager());
    if (!contentType.isEmpty()) {
      headers.put("content-type", contentType);
    }
    return new WireRequest(method, path, query, headers, body, options.deadline());
  }

  WireRequest request(String method, String path, String query, @Nullable JsonNode body) {
    return body == null
        ? request(method, path, query, "application/json", "", NOTHING)
        : request(method, path, query, "application/json", "application/json", bytes(body));
  }

  static byte[] bytes(JsonNode tree) {
    return tree.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Sends it and reads the object in the answer.
  ObjectNode object(WireRequest request) throws InterruptedException {
    WireAnswer answer = send(request);
    if (Json.decode(answer.body(), ANSWER).tree() instanceof ObjectNode object) {
      return object;
    }
    throw new ConnectionException(
        request.brief() + " was answered with no JSON object", !request.reads());
  }

  private WireAnswer send(WireRequest request) throws InterruptedException {
    for (int attempt = 0; ; attempt++) {
      WireAnswer answer = metered(request, transport::send, WireAnswer::status);
      tellWarnings(answer);
      if (answer.succeeded()) {
        return answer;
      }
      awaitRetry(request, answer, attempt);
    }
  }

  /// Opens a stream of messages that are no events of a watch.
  ///
  /// @throws ApiException when it is refused
  public MessageSource messages(String path, String query) throws InterruptedException {
    WireRequest request = request("GET", path, query, "application/json", "", NOTHING);
    return switch (transport.open(request)) {
      case Transport.Opened.Stream(_, MessageSource messages) -> messages;
      case Transport.Opened.Refused(WireAnswer answer) -> throw Statuses.failure(request, answer);
    };
  }

  /// Opens a way for bytes in both directions.
  ///
  /// @throws ApiException when it is refused
  public ByteSocket socket(String path, String query) throws InterruptedException {
    WireRequest request = request("GET", path, query, "*/*", "", NOTHING);
    return switch (transport.join(request)) {
      case Transport.Joined.Socket(ByteSocket socket) -> socket;
      case Transport.Joined.Refused(WireAnswer answer) -> throw Statuses.failure(request, answer);
    };
  }

  ApiWatch watch(WireRequest request, Function<byte[], JsonNode> reader)
      throws InterruptedException {
    for (int attempt = 0; ; attempt++) {
      switch (metered(request, transport::open, ApiClient::status)) {
        case Transport.Opened.Stream(WireAnswer head, MessageSource messages) -> {
          tellWarnings(head);
          return new ApiWatch(messages, reader);
        }
        case Transport.Opened.Refused(WireAnswer answer) -> awaitRetry(request, answer, attempt);
      }
    }
  }

  private static int status(Transport.Opened opened) {
    return switch (opened) {
      case Transport.Opened.Stream(WireAnswer head, MessageSource _) -> head.status();
      case Transport.Opened.Refused(WireAnswer answer) -> answer.status();
    };
  }

  /// One way of sending.
  private interface Exchange<T> {
    T with(WireRequest request) throws InterruptedException;
  }

  /// Sends it when it may go, and counts it.
  private <T> T metered(WireRequest request, Exchange<T> exchange, ToIntFunction<T> status)
      throws InterruptedException {
    ClientMeter meter = options.meter();
    long asked = System.nanoTime();
    options.pace().await();
    long begin = System.nanoTime();
    meter.paced(request.method(), begin - asked);
    WireRequest allowed = request.reads() ? request : request.within(options.fence().writeMax());
    try {
      T answer = exchange.with(allowed);
      meter.answered(request.method(), status.applyAsInt(answer), System.nanoTime() - begin);
      return answer;
    } catch (ConnectionException e) {
      meter.unanswered(request.method(), System.nanoTime() - begin);
      throw e;
    }
  }

  /// Returns when the server wants to be asked again.
  ///
  /// @throws dev.otherix.apimachinery.status.ApiException when it does not, or not again
  private void awaitRetry(WireRequest request, WireAnswer answer, int attempt)
      throws InterruptedException {
    Duration wait = retryWait(answer);
    if (attempt >= options.retries().max() || wait == null) {
      throw Statuses.failure(request, answer);
    }
    options.meter().repeated(request.method(), answer.status());
    options.retries().pause().await(wait);
  }

  /// How long the server wants us to wait, and up to half of that more, so that those who were
  /// refused together do not come back together; null when there is to be no second attempt.
  private @Nullable Duration retryWait(WireAnswer answer) {
    String after = answer.first("retry-after");
    boolean refused = answer.status() == TOO_MANY_REQUESTS || answer.status() == UNAVAILABLE;
    if (!refused || after.isEmpty()) {
      return null;
    }
    try {
      Duration asked = Duration.ofSeconds(Integer.parseUnsignedInt(after));
      if (asked.compareTo(options.retries().waitMax()) > 0) {
        return null;
      }
      long millis = Math.max(100, asked.toMillis());
      return Duration.ofMillis(millis + options.retries().random().nextLong(millis / 2 + 1));
    } catch (NumberFormatException _) {
      // A date: no server of ours sends one, and clocks differ.
      return null;
    }
  }

  private void tellWarnings(WireAnswer answer) {
    for (String warning : answer.all("warning")) {
      options.warnings().accept(warningText(warning));
    }
  }

  /// `299 - "text"` holds `text`.
  private static String warningText(String warning) {
    int from = warning.indexOf('"');
    int to = warning.lastIndexOf('"');
    return from < 0 || to == from
        ? warning
        : warning.substring(from + 1, to).replace("\\\"", "\"").replace("\\\\", "\\");
  }

  /// Ends its connections, for every client on them.
  @Override
  public void close() {
    transport.close();
  }
}
