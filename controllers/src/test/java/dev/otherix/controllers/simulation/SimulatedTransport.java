package dev.otherix.controllers.simulation;

import dev.otherix.apimachinery.client.MessageSource;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One process's way to the server, with everything that can happen on it. A list that may be stale
/// comes from the past, as from a replica that lags behind; a watch may find its past forgotten, or
/// be refused initial events, as by an older server.
final class SimulatedTransport implements Transport {
  private static final Pattern AFTER = Pattern.compile("resourceVersion=([0-9]+)");
  private static final int PAST_EVENTS_MAX = 12;

  private final Transport real;
  private final World world;
  private final Random random;
  private final boolean streamsLists;
  private final Map<String, SimulatedStream> streams = new HashMap<>();

  /// @param streamsLists whether the server of this simulation knows initial events
  SimulatedTransport(Transport real, World world, Random random, boolean streamsLists) {
    this.real = real;
    this.world = world;
    this.random = random;
    this.streamsLists = streamsLists;
  }

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    return world
        .gate()
        .pass(
            request.brief(),
            !request.reads(),
            () -> {
              WireAnswer answer = real.send(maybeStale(request));
              world.say("%s -> %d".formatted(request.brief(), answer.status()));
              world.observe();
              return answer;
            });
  }

  private WireRequest maybeStale(WireRequest request) {
    if (!request.query().equals("resourceVersion=0") || world.healed()) {
      return request;
    }
    List<Long> revisions = world.truth().revisions(resource(request));
    if (revisions.isEmpty()) {
      return request;
    }
    int back = random.nextInt(Math.min(PAST_EVENTS_MAX, revisions.size()));
    long at = revisions.get(revisions.size() - 1 - back);
    world.say("%s from the past: revision %d".formatted(request.brief(), at));
    return new WireRequest(
        request.method(),
        request.path(),
        "resourceVersion=" + at + "&resourceVersionMatch=Exact",
        request.headers(),
        request.body(),
        request.deadline());
  }

  private static String resource(WireRequest request) {
    return request.path().substring(request.path().lastIndexOf('/') + 1);
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    return world.gate().pass("watch " + request.brief(), false, () -> watch(request));
  }

  @Override
  public Joined join(WireRequest request) {
    throw new UnsupportedOperationException("no test here opens sockets");
  }

  private Opened watch(WireRequest request) throws InterruptedException {
    boolean initial = request.query().contains("sendInitialEvents");
    if (initial && !streamsLists) {
      return refused(422, "Invalid", "sendInitialEvents is forbidden");
    }
    if (!initial && !world.healed() && random.nextInt(5) == 0) {
      return refused(410, "Expired", "too old resource version");
    }
    String resource = resource(request);
    world.observe();
    long after = initial ? Long.MAX_VALUE : after(request);
    int told = world.truth().revisions(resource).size();
    int behind = initial ? 0 : world.truth().eventsAfter(resource, after);
    return switch (real.open(request)) {
      case Opened.Refused refused -> refused;
      case Opened.Stream(WireAnswer head, MessageSource messages) -> {
        SimulatedStream stream =
            new SimulatedStream(messages, world, resource, told - behind, initial);
        streams.put(resource, stream);
        world.say("watch %s, %d behind".formatted(resource, behind));
        yield new Opened.Stream(head, stream);
      }
    };
  }

  private static long after(WireRequest request) {
    Matcher matcher = AFTER.matcher(request.query());
    if (!matcher.find()) {
      throw new IllegalStateException("a watch from nowhere: " + request.query());
    }
    return Long.parseLong(matcher.group(1));
  }

  private static Opened refused(int code, String reason, String message) {
    String status =
        """
        {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": %d, "reason": "%s",
         "message": "%s"}
        """
            .formatted(code, reason, message);
    return new Opened.Refused(
        new WireAnswer(code, Map.of(), status.getBytes(StandardCharsets.UTF_8)));
  }

  /// Whether the informer of this resource has something to do.
  boolean ready(String resource) {
    SimulatedStream stream = streams.get(resource);
    return stream == null || stream.ready();
  }

  /// Breaks what is open.
  void cut() {
    streams.values().forEach(SimulatedStream::cut);
  }

  @Override
  public void close() {
    streams.values().forEach(SimulatedStream::close);
  }
}
