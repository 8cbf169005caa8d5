package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.selector.FieldSelector;
import dev.otherix.apimachinery.selector.LabelSelector;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.ListQuery;
import dev.otherix.apiserver.registry.Reads;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Params;
import dev.otherix.apiserver.watchcache.Filter;
import dev.otherix.apiserver.watchcache.Freshness;
import dev.otherix.apiserver.watchcache.WatchRequest;
import dev.otherix.apiserver.watchcache.WatchStart;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.ObjLongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Follows a collection.
final class WatchEndpoint {
  private static final String NAME = "metadata.name";
  private static final long SECONDS_MIN = 1800;
  private static final long SECONDS_MAX = Duration.ofDays(1).toSeconds();

  private final Output output;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ScheduledExecutorService timers;
  private final ObjLongConsumer<Call> listed;

  WatchEndpoint(
      Output output,
      InstantSource clock,
      RandomGenerator random,
      ScheduledExecutorService timers,
      ObjLongConsumer<Call> listed) {
    this.listed = listed;
    this.output = output;
    this.clock = clock;
    this.random = random;
    this.timers = timers;
  }

  Answer handle(Call call, Resource.Version version) throws InterruptedException {
    Params params = call.params();
    WatchStart start = start(params);
    FieldSelector fields = fields(call);
    LabelSelector labels = LabelSelector.parse(params.text("labelSelector"));
    Filter filter = Reads.filter(version.resource(), call.route().namespace(), labels, fields);
    Representation form = Representation.of(call, "PartialObjectMetadata", false);
    Duration time = Duration.ofSeconds(seconds(params));
    call.requireThread();
    EventEncoder encoder = new EventEncoder(output, version, form, output.view(call, version));
    long began = System.nanoTime();
    WatchMessages messages =
        new WatchMessages(
            encoder, timers, time, () -> listed.accept(call, System.nanoTime() - began));
    WatchRequest request =
        WatchRequest.of(start, filter)
            .withDeadline(clock.instant().plus(time))
            .withWakeUp(messages::wake);
    if (params.flag("allowWatchBookmarks")) {
      request = request.withBookmarks();
    }
    try {
      messages.follow(version.resource().cache().watch(request));
    } catch (ApiException e) {
      if (!e.is(StatusReason.EXPIRED)) {
        throw e;
      }
      // Every client understands the event; not every one the 410 of the answer.
      messages.fail(e.status());
    }
    return new Answer.Stream(200, Output.JSON, messages);
  }

  /// The selector of the query; a watch of one object is one of its collection.
  private static FieldSelector fields(Call call) {
    FieldSelector fields = FieldSelector.parse(call.params().text("fieldSelector"));
    String name = call.route().name();
    if (name.isEmpty()) {
      return fields;
    }
    Optional<String> wanted = fields.requiresExactMatch(NAME);
    if (wanted.isPresent() && !wanted.get().equals(name)) {
      throw ApiException.badRequest(
          "field metadata.name must be \""
              + name
              + "\", the name in the path, not \""
              + wanted.get()
              + "\"");
    }
    return wanted.isPresent() || fields.isEverything()
        ? FieldSelector.of(NAME, name)
        : FieldSelector.parse(fields + "," + FieldSelector.of(NAME, name));
  }

  private static WatchStart start(Params params) {
    String text = params.text("resourceVersion");
    List<FieldError> errors = new ArrayList<>();
    ListQuery.@Nullable Match match = Options.match(params, errors);
    boolean said = params.has("sendInitialEvents");
    boolean initial = params.flag("sendInitialEvents");
    FieldPath at = FieldPath.ROOT.child("resourceVersionMatch");
    if (match != null && !said) {
      errors.add(
          FieldError.forbidden(
              at,
              "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
    }
    if (said && match != ListQuery.Match.NOT_OLDER_THAN) {
      errors.add(
          FieldError.forbidden(
              at, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    }
    Options.refuse("ListOptions", errors);
    if (text.isEmpty() || text.equals("0")) {
      Freshness freshness = text.isEmpty() ? Freshness.LATEST : Freshness.ANY;
      return said && !initial
          ? new WatchStart.Now(freshness)
          : new WatchStart.Initial(freshness, initial);
    }
    long revision = Options.revision(text);
    return initial
        ? new WatchStart.Initial(new Freshness.NotOlderThan(revision), true)
        : new WatchStart.After(revision);
  }

  private long seconds(Params params) {
    String text = params.text("timeoutSeconds");
    long seconds = text.isEmpty() ? 0 : Options.number("timeoutSeconds", text);
    return seconds > 0
        ? Math.min(seconds, SECONDS_MAX)
        : SECONDS_MIN + random.nextLong(SECONDS_MIN);
  }
}
