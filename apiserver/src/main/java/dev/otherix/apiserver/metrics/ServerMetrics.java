package dev.otherix.apiserver.metrics;

import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apiserver.admission.AdmissionMeter;
import dev.otherix.apiserver.fairness.Level;
import dev.otherix.apiserver.fairness.LevelStats;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.http.ServerStats;
import dev.otherix.apiserver.watchcache.CacheStats;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Everything that one server counts. Whoever has something to count takes a meter from here once
/// and keeps it. Thread-safe.
public final class ServerMetrics {
  private static final double[] EVENT_BYTES = {1e3, 2e3, 4e3, 8e3, 1.6e4, 3.2e4, 6.4e4, 1.28e5};
  private static final double[] BODY_BYTES = {5e4, 1.5e5, 2.5e5, 5e5, 1e6, 1.5e6, 2e6, 3e6};
  private static final double[] CEL_SECONDS = {
    1e-5, 1e-4, .001, .005, .025, .1, .25, .5, 1, 2.5, 5
  };
  private static final double[] FILTER_SECONDS = {
    1e-5, 1e-4, 3e-4, .001, .003, .01, .03, .1, .3, 1, 5, 10, 15, 30
  };
  private static final double[] WATCH_LIST_SECONDS = {
    .05, .1, .2, .4, .6, .8, 1, 2, 4, 6, 8, 10, 15, 30
  };
  private static final double NANOS_PER_SECOND = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final RequestMetrics requests = new RequestMetrics(registry);
  private final CacheMetrics caches = new CacheMetrics(registry);
  private final AdmissionMetrics admission = new AdmissionMetrics(registry);
  private final FlowMetrics flows = new FlowMetrics(registry);
  private final StorageMetrics storage = new StorageMetrics(registry);
  private final PrometheusRegistry healthRegistry = new PrometheusRegistry();
  private final HealthMetrics health = new HealthMetrics(healthRegistry);

  private final GaugeDataPoint inFlightReading;
  private final GaugeDataPoint inFlightMutating;
  private final GaugeDataPoint inQueueReading;
  private final GaugeDataPoint inQueueMutating;
  private final DistributionDataPoint bodySize;
  private final Counter terminations;
  private final Counter aborts;
  private final Counter watchEvents;
  private final Histogram watchEventSizes;
  private final DistributionDataPoint compiledRules;
  private final DistributionDataPoint evaluatedRules;
  private final CounterDataPoint auditEvents;
  private final AccessMetrics access = new AccessMetrics(registry);
  private final Histogram filters;
  private final Gauge deprecated;
  private final Histogram watchLists;

  public ServerMetrics() {
    Gauge inFlight =
        gauge("apiserver_current_inflight_requests", "Requests in work.", "request_kind");
    inFlightReading = inFlight.labelValues("readOnly");
    inFlightMutating = inFlight.labelValues("mutating");
    Gauge inQueue =
        gauge("apiserver_current_inqueue_requests", "Requests at the queues.", "request_kind");
    inQueueReading = inQueue.labelValues("readOnly");
    inQueueMutating = inQueue.labelValues("mutating");
    bodySize =
        RequestMetrics.histogram(
            registry, "apiserver_request_body_size_bytes", "Bytes of bodies.", BODY_BYTES);
    terminations =
        counter("apiserver_request_terminations_total", "Requests that the server ended.", "code");
    String[] kind = {"group", "version", "resource"};
    aborts =
        counter(
            "apiserver_request_aborts_total",
            "Requests given up because their time was over.",
            "verb",
            "group",
            "version",
            "resource");
    watchEvents = counter("apiserver_watch_events_total", "Events sent to watchers.", kind);
    watchEventSizes =
        RequestMetrics.histogram(
            registry, "apiserver_watch_events_sizes", "Bytes of events.", EVENT_BYTES, kind);
    compiledRules =
        RequestMetrics.histogram(
                registry,
                "apiserver_cel_compilation_duration_seconds",
                "Compiling the rules of a custom kind.",
                CEL_SECONDS)
            .labelValues();
    evaluatedRules =
        RequestMetrics.histogram(
                registry,
                "apiserver_cel_evaluation_duration_seconds",
                "Checking an object against the rules of its kind.",
                CEL_SECONDS)
            .labelValues();
    auditEvents = counter("apiserver_audit_event_total", "Events recorded.").labelValues();
    filters =
        RequestMetrics.histogram(
            registry,
            "apiserver_request_filter_duration_seconds",
            "What a step on the way of a request took until it handed on.",
            FILTER_SECONDS,
            "filter");
    deprecated =
        gauge(
            "apiserver_requested_deprecated_apis",
            "1 for each deprecated version that somebody used.",
            "group",
            "version",
            "resource",
            "subresource",
            "removed_release");
    watchLists =
        RequestMetrics.histogram(
            registry,
            "apiserver_watch_list_duration_seconds",
            "From a watch that begins with the state to the end of that state.",
            WATCH_LIST_SECONDS,
            "group",
            "version",
            "resource",
            "scope");
  }

  private Gauge gauge(String name, String help, String... labels) {
    return Gauge.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  /// The meter of all requests with these labels.
  public RequestMeter requests(RequestLabels labels) {
    return requests.meter(labels);
  }

  /// A request that changes something, or only reads, began to be worked on.
  public void began(boolean mutating) {
    (mutating ? inFlightMutating : inFlightReading).inc();
  }

  public void ended(boolean mutating) {
    (mutating ? inFlightMutating : inFlightReading).dec();
  }

  /// A request came to the queues of its level; [#left] when it is served or refused.
  public void queued(boolean mutating) {
    (mutating ? inQueueMutating : inQueueReading).inc();
  }

  public void left(boolean mutating) {
    (mutating ? inQueueMutating : inQueueReading).dec();
  }

  public void bodyRead(long bytes) {
    bodySize.observe((double) bytes);
  }

  /// The server turned a request away to protect itself: 429, 503, 504.
  public void terminated(int code) {
    terminations.labelValues(Integer.toString(code)).inc();
  }

  /// A request was given up because its time was over.
  public void aborted(RequestLabels labels) {
    aborts.labelValues(labels.verb(), labels.group(), labels.version(), labels.resource()).inc();
  }

  /// The meter of all watches of a resource that is served.
  public WatchMeter watches(String group, String version, String resource) {
    return new WatchMeter(
        watchEvents.labelValues(group, version, resource),
        watchEventSizes.labelValues(group, version, resource));
  }

  /// Shows who waits for whom. To be called once.
  public void flows(Supplier<List<LevelStats>> levels) {
    flows.show(levels);
  }

  /// A request had to wait for its turn.
  public void waited(Level level, long nanos) {
    flows.waited(level, nanos);
  }

  /// Shows what the sockets count. To be called once.
  public void sockets(Supplier<ServerStats> stats) {
    CounterWithCallback.builder()
        .name("apiserver_tls_handshake_errors_total")
        .help("Handshakes that failed.")
        .callback(each -> each.call((double) stats.get().handshakeFailures()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("otherix_open_connections")
        .help("Connections that are open.")
        .callback(each -> each.call((double) stats.get().openConnections()))
        .register(registry);
    CounterWithCallback.builder()
        .name("otherix_refused_connections_total")
        .help("Connections that were closed because there were too many.")
        .callback(each -> each.call((double) stats.get().refusedConnections()))
        .register(registry);
  }

  public AdmissionMeter admission() {
    return admission;
  }

  public StorageMetrics storage() {
    return storage;
  }

  public void rulesCompiled(long nanos) {
    compiledRules.observe(nanos / NANOS_PER_SECOND);
  }

  public void rulesEvaluated(long nanos) {
    evaluatedRules.observe(nanos / NANOS_PER_SECOND);
  }

  /// A health check was asked.
  ///
  /// @param type the endpoint that asked it, such as `livez`
  public void healthAsked(String name, String type, boolean holds) {
    health.asked(name, type, holds);
  }

  public void audited() {
    auditEvents.inc();
  }

  /// Shows how many events of the audit were not kept. To be called once.
  public void auditLosses(LongSupplier lost) {
    CounterWithCallback.builder()
        .name("apiserver_audit_error_total")
        .help("Events not recorded.")
        .labelNames("plugin")
        .callback(each -> each.call((double) lost.getAsLong(), "log"))
        .register(registry);
  }

  public AccessMetrics access() {
    return access;
  }

  /// The meter of a step on the way of requests, told nanoseconds.
  public LongConsumer filter(String name) {
    DistributionDataPoint seconds = filters.labelValues(name);
    return nanos -> seconds.observe(nanos / NANOS_PER_SECOND);
  }

  /// Somebody used a version that he should leave.
  public void usedDeprecated(RequestLabels labels) {
    deprecated
        .labelValues(labels.group(), labels.version(), labels.resource(), labels.subresource(), "")
        .set(1);
  }

  /// A watch has told the whole state that it began with.
  public void watchListed(RequestLabels labels, long nanos) {
    watchLists
        .labelValues(labels.group(), labels.version(), labels.resource(), labels.scope())
        .observe(nanos / NANOS_PER_SECOND);
  }

  /// How many seats a request was thought to need.
  public void estimated(Level level, int seats) {
    flows.estimated(level, seats);
  }

  /// Shows a watch cache until it is removed.
  ///
  /// @param resource such as `vms.otherix`
  ///
  /// @return to be told how long each read waited that had to, in nanoseconds
  public LongConsumer addCache(String resource, Supplier<CacheStats> stats) {
    return caches.add(resource, stats);
  }

  public void removeCache(String resource) {
    caches.remove(resource);
  }

  /// Shows the size of the store. To be called once.
  public void storageSize(LongSupplier bytes) {
    GaugeWithCallback.builder()
        .name("apiserver_storage_size_bytes")
        .help("Bytes of the store on disk.")
        .callback(each -> each.call((double) bytes.getAsLong()))
        .register(registry);
  }

  /// Shows what other parts of the process count. No two may show the same names.
  public void show(Supplier<List<Family>> families) {
    registry.register(new FamilyMetrics(families));
  }

  /// Everything, in Prometheus' text format.
  public Answer answer(Request request) {
    return page(request, registry);
  }

  /// How the health checks went.
  public Answer healthAnswer(Request request) {
    return page(request, healthRegistry);
  }

  /// Every family, with or without values.
  List<MetricSnapshot> families() {
    return Stream.concat(registry.scrape().stream(), healthRegistry.scrape().stream()).toList();
  }

  private static Answer page(Request request, PrometheusRegistry registry) {
    request.requireThread();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create()
          .write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    Headers headers = Headers.of("Content-Type", PrometheusTextFormatWriter.CONTENT_TYPE);
    return new Answer.Whole(200, headers, Body.of(out.toByteArray()));
  }
}
