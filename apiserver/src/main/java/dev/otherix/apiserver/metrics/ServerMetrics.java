package dev.otherix.apiserver.metrics;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.metrics.FlowMeter.Rejection;
import dev.otherix.apiserver.watchcache.CacheStats;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Everything that one server counts. Whoever has something to count takes a meter from here once
/// and keeps it. Thread-safe.
public final class ServerMetrics {
  private static final double[] EVENT_BYTES = {1e3, 2e3, 4e3, 8e3, 1.6e4, 3.2e4, 6.4e4, 1.28e5};
  private static final double[] BODY_BYTES = {5e4, 1.5e5, 2.5e5, 5e5, 1e6, 1.5e6, 2e6, 3e6};
  private static final double[] WAIT_SECONDS = {0, .005, .02, .05, .1, .2, .5, 1, 2, 5, 10, 15, 30};

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final RequestMetrics requests = new RequestMetrics(registry);
  private final CacheMetrics caches = new CacheMetrics(registry);

  private final GaugeDataPoint inFlightReading;
  private final GaugeDataPoint inFlightMutating;
  private final DistributionDataPoint bodySize;
  private final Counter terminations;
  private final Counter aborts;
  private final Counter watchEvents;
  private final Histogram watchEventSizes;
  private final Gauge executing;
  private final Gauge queued;
  private final Counter dispatched;
  private final Counter rejected;
  private final Histogram waited;
  private final CounterDataPoint handshakeErrors;
  private final CounterDataPoint auditEvents;
  private final Counter auditErrors;
  private final GaugeDataPoint authenticated;
  private final GaugeDataPoint unauthenticated;
  private final CounterDataPoint allowed;
  private final CounterDataPoint denied;

  public ServerMetrics() {
    Gauge inFlight =
        gauge("apiserver_current_inflight_requests", "Requests in work.", "request_kind");
    inFlightReading = inFlight.labelValues("readOnly");
    inFlightMutating = inFlight.labelValues("mutating");
    bodySize =
        RequestMetrics.histogram(
            registry, "apiserver_request_body_size_bytes", "Bytes of bodies.", BODY_BYTES);
    terminations =
        counter("apiserver_request_terminations_total", "Requests that the server ended.", "code");
    aborts = counter("apiserver_request_aborts_total", "Requests cut off in their answer.", "verb");
    String[] kind = {"group", "version", "resource"};
    watchEvents = counter("apiserver_watch_events_total", "Events sent to watchers.", kind);
    watchEventSizes =
        RequestMetrics.histogram(
            registry, "apiserver_watch_events_sizes", "Bytes of events.", EVENT_BYTES, kind);
    String[] flow = {"priority_level", "flow_schema"};
    String prefix = "apiserver_flowcontrol_";
    executing = gauge(prefix + "current_executing_requests", "Requests in work.", flow);
    queued = gauge(prefix + "current_inqueue_requests", "Requests that wait.", flow);
    dispatched = counter(prefix + "dispatched_requests_total", "Requests begun.", flow);
    rejected =
        counter(
            prefix + "rejected_requests_total",
            "Requests turned away.",
            "priority_level",
            "flow_schema",
            "reason");
    waited =
        RequestMetrics.histogram(
            registry,
            prefix + "request_wait_duration_seconds",
            "How long requests waited.",
            WAIT_SECONDS,
            flow);
    handshakeErrors =
        counter("apiserver_tls_handshake_errors_total", "Handshakes that failed.").labelValues();
    auditEvents = counter("apiserver_audit_event_total", "Events recorded.").labelValues();
    auditErrors = counter("apiserver_audit_error_total", "Events not recorded.", "plugin");
    // A counter by what it does. The library would add a suffix that Kubernetes' name lacks.
    Gauge authentications =
        gauge("authentication_attempts", "Who calls: found out or not.", "result");
    authenticated = authentications.labelValues("success");
    unauthenticated = authentications.labelValues("failure");
    Counter authorizations = counter("authorization_attempts_total", "Decisions.", "result");
    allowed = authorizations.labelValues("allowed");
    denied = authorizations.labelValues("denied");
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

  public void bodyRead(long bytes) {
    bodySize.observe((double) bytes);
  }

  /// The server turned a request away to protect itself: 429, 503, 504.
  public void terminated(int code) {
    terminations.labelValues(Integer.toString(code)).inc();
  }

  /// An answer broke off.
  ///
  /// @param verb as in [RequestLabels]
  public void aborted(String verb) {
    aborts.labelValues(verb).inc();
  }

  /// The meter of all watches of a resource that is served.
  public WatchMeter watches(String group, String version, String resource) {
    return new WatchMeter(
        watchEvents.labelValues(group, version, resource),
        watchEventSizes.labelValues(group, version, resource));
  }

  /// The meter of a flow schema and its priority level, which an administrator configures.
  public FlowMeter flow(String priorityLevel, String flowSchema) {
    Map<Rejection, CounterDataPoint> rejections = new EnumMap<>(Rejection.class);
    for (Rejection each : Rejection.values()) {
      rejections.put(each, rejected.labelValues(priorityLevel, flowSchema, each.word()));
    }
    return new FlowMeter(
        executing.labelValues(priorityLevel, flowSchema),
        queued.labelValues(priorityLevel, flowSchema),
        dispatched.labelValues(priorityLevel, flowSchema),
        waited.labelValues(priorityLevel, flowSchema),
        rejections);
  }

  public void tlsHandshakeFailed() {
    handshakeErrors.inc();
  }

  public void audited() {
    auditEvents.inc();
  }

  /// @param plugin what should have recorded the event, such as `log`
  public void auditFailed(String plugin) {
    auditErrors.labelValues(plugin).inc();
  }

  public void authenticated(boolean success) {
    (success ? authenticated : unauthenticated).inc();
  }

  public void authorized(boolean mayDoIt) {
    (mayDoIt ? allowed : denied).inc();
  }

  /// Shows a watch cache until it is removed.
  ///
  /// @param resource such as `vms.otherix`
  public void addCache(String resource, Supplier<CacheStats> stats) {
    caches.add(resource, stats);
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

  /// Everything, in Prometheus' text format.
  public Answer answer(Request request) {
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
