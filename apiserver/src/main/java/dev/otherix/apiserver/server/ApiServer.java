package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.admission.AdmissionMeter;
import dev.otherix.apiserver.admission.AdmissionMeter.Part;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.cel.CelRules;
import dev.otherix.apiserver.customkinds.DefinitionFeed;
import dev.otherix.apiserver.customkinds.TerminatingKinds;
import dev.otherix.apiserver.debug.Diagnosis;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.endpoint.Questions;
import dev.otherix.apiserver.endpoint.Router;
import dev.otherix.apiserver.fairness.Fairness;
import dev.otherix.apiserver.health.Health;
import dev.otherix.apiserver.health.HealthCheck;
import dev.otherix.apiserver.http.Handler;
import dev.otherix.apiserver.http.HttpOptions;
import dev.otherix.apiserver.http.HttpServer;
import dev.otherix.apiserver.metrics.ServerMetrics;
import dev.otherix.apiserver.registry.NamespaceGate;
import dev.otherix.apiserver.registry.ObjectCheck;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.trace.Spans;
import dev.otherix.apiserver.watchcache.CacheOptions;
import io.opentelemetry.api.common.Attributes;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// A running server: a store, the kinds on it, and the way of requests to them. Everything is put
/// together here, by hand.
public final class ApiServer implements AutoCloseable {
  private final Storage store;
  private final Resources resources;
  private final Registry registry;
  private final ScheduledThreadPoolExecutor timers;
  private final StopGate gate = new StopGate();
  private final Handler handler;
  private final @Nullable DefinitionFeed definitions;
  private final ServerMetrics metrics = new ServerMetrics();
  private final Health health;
  private final WriteTimes writes;
  private final Fairness fairness;
  private final WebhookAdmission webhooks;
  private final Extension extension;
  private final @Nullable HttpServer http;

  private ApiServer(ApiServerOptions options) throws IOException, InterruptedException {
    this.health = checks();
    this.writes = new WriteTimes(health.concerns(), System::nanoTime);
    metrics.show(writes::families);
    this.store = new MeasuredStorage(options.store(), metrics.storage(), writes);
    this.timers = timers();
    this.resources = new Resources();
    Kinds builtin = ServerKinds.all();
    for (List<Kind> versions : ServerKinds.stored(builtin.with(options.kinds().all()))) {
      resources.put(open(versions));
    }
    TerminatingKinds terminating = new TerminatingKinds();
    this.extension = options.extension().open(resources);
    AdmissionMeter meter = metrics.admission().andThen(ApiServer::tellTrace);
    this.webhooks = new WebhookAdmission(resources, options.random(), meter);
    Admission admission =
        webhooks
            .behind(
                extension
                    .admission(options.admission())
                    .validating("NamespaceLifecycle", new NamespaceGate(resources))
                    .validating("CustomKindLifecycle", terminating))
            .measured(meter);
    Resource custom = resources.find(DefinitionFeed.GROUP, DefinitionFeed.PLURAL);
    this.registry =
        new Registry(store, admission, extension.keeping(), options.clock(), options.random());
    this.definitions =
        custom == null
            ? null
            : new DefinitionFeed(
                store, custom, resources, registry, options.clock(), terminating, this::rules);
    Bootstrap.namespaces(resources, registry, extension.namespaces());
    if (definitions != null) {
      definitions.start();
    }
    new CacheMeters(resources, metrics);
    this.fairness = new Fairness(options.fairness(), options.random(), metrics::waited);
    metrics.flows(fairness::stats);
    metrics.auditLosses(options.audit()::lost);
    this.handler = chain(options, builtin);
    this.http =
        options.listeners().isEmpty()
            ? null
            : HttpServer.start(
                new HttpOptions(options.listeners(), options.limits(), options.clock()), handler);
    if (http != null) {
      metrics.sockets(http::stats);
    }
  }

  /// Returns when requests are answered.
  ///
  /// @throws IOException when an address cannot be had
  public static ApiServer start(ApiServerOptions options) throws IOException, InterruptedException {
    return new ApiServer(options);
  }

  private Handler chain(ApiServerOptions options, Kinds builtin) {
    StreamGuards guards = new StreamGuards();
    guards.start(timers);
    List<Authenticator> ways = new ArrayList<>(extension.authenticators());
    ways.addAll(options.authenticators());
    Authorizer authorizer = extension.authorizer(options.authorizer());
    RequestMeasurement measurement = new RequestMeasurement(metrics, resources);
    Questions questions = new Reviews(ways, authorizer).questions(builtin);
    Router router =
        new Router(
            resources,
            registry,
            questions,
            extension.actions(options.actions()),
            options.pages().apply(extension.pages(pages(questions, options), registry)),
            extension.views(),
            options.clock(),
            options.random(),
            timers,
            measurement::watchListed);
    List<Filter> filters = new ArrayList<>();
    filters.add(gate);
    filters.add(measured("headers", new AnswerHeaders()));
    filters.add(measured("deadline", new Deadlines(options.requestTimeout(), timers)));
    filters.add(measured("authentication", new Authentication(ways, metrics.access(), guards)));
    filters.add(measured("impersonation", new Impersonation(authorizer)));
    if (options.telemetry() != null) {
      filters.add(new Traces(options.telemetry(), options.clock()));
    }
    filters.add(measured("priorityandfairness", new Turns(fairness, resources, metrics)));
    filters.add(measured("authorization", new Authorization(authorizer, metrics.access())));
    return new HandlerChain(
        new RequestIds(options.random()),
        new Recovery(),
        measurement,
        new Auditing(options.audit(), options.auditLevel(), options.clock(), metrics),
        filters,
        router::route);
  }

  private Filter measured(String name, Filter filter) {
    LongConsumer took = metrics.filter(name);
    return filter.measured(nanos -> {
      took.accept(nanos);
      Spans.ended(name, nanos);
    });
  }

  private static void tellTrace(
      Part part, String name, String type, Operation operation, boolean rejected, long nanos) {
    switch (part) {
      // Its parts are told.
      case STEP -> {}
      case CONTROLLER -> Spans.ended("admission " + name, nanos, rejected, Attributes.empty());
      case WEBHOOK -> Spans.ended("webhook " + name, nanos, rejected, Attributes.empty());
    }
  }

  private Pages pages(Questions questions, ApiServerOptions options) {
    return new Publication(resources, questions, options.version())
        .pages()
        .serving(Diagnosis.PATH, new Diagnosis(fairness::stats, Pause.real())::answer)
        .with("/livez", health::answer)
        .with("/readyz", health::answer)
        .with("/healthz", health::answer)
        .with("/metrics/slis", request -> Optional.of(metrics.healthAnswer(request)))
        .with("/metrics", request -> Optional.of(metrics.answer(request)));
  }

  private Health checks() {
    return new Health(
        List.of(
            HealthCheck.ofReadiness("storage", () -> store.revision()),
            HealthCheck.ofReadiness("informer-sync", this::requireLoaded)),
        metrics::healthAsked);
  }

  private ObjectCheck rules(Kind kind) {
    return CelRules.compile(kind).measured(metrics::rulesCompiled, metrics::rulesEvaluated)::check;
  }

  private void requireLoaded() {
    for (Resource resource : resources.all()) {
      if (!resource.cache().ready()) {
        throw new IllegalStateException("the cache of " + resource + " is still loading");
      }
    }
  }

  private Resource open(List<Kind> versions) {
    Kind first = versions.getFirst();
    return Resource.open(
        store,
        first,
        versions,
        ServerKinds.rules(first),
        this::rules,
        CacheOptions.of(Resource.prefix(first.group(), first.plural())));
  }

  private static ScheduledThreadPoolExecutor timers() {
    ScheduledThreadPoolExecutor timers =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("apiserver-timers").factory());
    timers.setRemoveOnCancelPolicy(true);
    return timers;
  }

  /// What answers requests, for those that come without a socket.
  public Handler handler() {
    return handler;
  }

  public Resources resources() {
    return resources;
  }

  public Registry registry() {
    return registry;
  }

  /// For what the program around it has to show.
  public ServerMetrics metrics() {
    return metrics;
  }

  /// For what the program around it has to check.
  public Health health() {
    return health;
  }

  /// For what writes past this server, into the same store.
  public WriteTimes writes() {
    return writes;
  }

  /// Where it listens, in the order of the listeners.
  public List<SocketAddress> addresses() {
    return http == null ? List.of() : http.addresses();
  }

  /// Takes no more requests, lets those that run end, and stops.
  ///
  /// @return whether all ended in time
  public boolean drain(Duration atMost) throws InterruptedException {
    health.drain();
    boolean ended = http == null || http.drain(atMost);
    close();
    return ended;
  }

  @Override
  public void close() {
    if (http != null) {
      http.close();
    }
    gate.stop();
    timers.shutdownNow();
    if (definitions != null) {
      definitions.close();
    }
    webhooks.close();
    extension.close();
    resources.close();
    store.close();
  }
}
