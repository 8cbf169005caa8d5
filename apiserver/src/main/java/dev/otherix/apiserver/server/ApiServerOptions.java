package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.audit.AuditLevel;
import dev.otherix.apiserver.audit.AuditSink;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.BasicAuthorizer;
import dev.otherix.apiserver.discovery.ServerVersion;
import dev.otherix.apiserver.endpoint.Actions;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.fairness.FairnessLimits;
import dev.otherix.apiserver.http.HttpLimits;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.storage.Storage;
import io.opentelemetry.api.OpenTelemetry;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// How to start an [ApiServer]. Never changes: what is chosen is chosen in a copy.
public final class ApiServerOptions implements Cloneable {
  private final Storage store;
  private final Kinds kinds;
  private Actions actions = Actions.NONE;
  private Admission admission = Admission.NONE;
  private UnaryOperator<Pages> pages = UnaryOperator.identity();
  private List<Authenticator> authenticators = List.of();
  private Authorizer authorizer = new BasicAuthorizer();
  private Extension.Factory extension = Extension.Factory.NONE;
  private Duration requestTimeout = Duration.ofSeconds(60);
  private List<Listener> listeners = List.of();
  private HttpLimits limits = HttpLimits.DEFAULT;
  private FairnessLimits fairness = FairnessLimits.DEFAULT;
  private ServerVersion version = new ServerVersion("0.1.0", "", "");
  private AuditSink audit = AuditSink.NONE;
  private AuditLevel auditLevel = AuditLevel.NONE;
  private @Nullable OpenTelemetry telemetry;
  private InstantSource clock = InstantSource.system();
  private RandomGenerator random = new SecureRandom();

  private ApiServerOptions(Storage store, Kinds kinds) {
    this.store = store;
    this.kinds = kinds;
  }

  /// Of a server of `kinds`, beside the built-in ones, that nobody but its own process may use.
  ///
  /// @param store becomes the server's, which closes it
  public static ApiServerOptions of(Storage store, Kinds kinds) {
    return new ApiServerOptions(store, kinds);
  }

  private ApiServerOptions copy() {
    try {
      return (ApiServerOptions) clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("cloneable by declaration", e);
    }
  }

  /// What actions on objects do.
  public ApiServerOptions withActions(Actions chosen) {
    ApiServerOptions other = copy();
    other.actions = chosen;
    return other;
  }

  /// Adds paths that are no resources.
  public ApiServerOptions withPages(UnaryOperator<Pages> chosen) {
    ApiServerOptions other = copy();
    other.pages = chosen;
    return other;
  }

  UnaryOperator<Pages> pages() {
    return pages;
  }

  /// What writes must pass.
  public ApiServerOptions withAdmission(Admission chosen) {
    ApiServerOptions other = copy();
    other.admission = chosen;
    return other;
  }

  /// Ways to find out who calls, in order.
  public ApiServerOptions withAuthenticators(List<Authenticator> chosen) {
    ApiServerOptions other = copy();
    other.authenticators = List.copyOf(chosen);
    return other;
  }

  /// What the program adds beside kinds.
  public ApiServerOptions withExtension(Extension.Factory chosen) {
    ApiServerOptions other = copy();
    other.extension = chosen;
    return other;
  }

  /// Where it takes connections; none for a server inside of a program.
  public ApiServerOptions withListeners(List<Listener> chosen) {
    ApiServerOptions other = copy();
    other.listeners = List.copyOf(chosen);
    return other;
  }

  /// Who waits for whom.
  public ApiServerOptions withFairness(FairnessLimits chosen) {
    ApiServerOptions other = copy();
    other.fairness = chosen;
    return other;
  }

  /// What it says that it is.
  public ApiServerOptions withVersion(ServerVersion chosen) {
    ApiServerOptions other = copy();
    other.version = chosen;
    return other;
  }

  /// Where uids and generated names come from.
  public ApiServerOptions withRandom(RandomGenerator chosen) {
    ApiServerOptions other = copy();
    other.random = chosen;
    return other;
  }

  /// Who may do what.
  public ApiServerOptions withAuthorizer(Authorizer chosen) {
    ApiServerOptions other = copy();
    other.authorizer = chosen;
    return other;
  }

  /// What the wire refuses.
  public ApiServerOptions withLimits(HttpLimits chosen) {
    ApiServerOptions other = copy();
    other.limits = chosen;
    return other;
  }

  /// Where timestamps come from.
  public ApiServerOptions withClock(InstantSource chosen) {
    ApiServerOptions other = copy();
    other.clock = chosen;
    return other;
  }

  /// Where it tells who did what, and how much; the program closes it.
  public ApiServerOptions withAudit(AuditSink sink, AuditLevel level) {
    ApiServerOptions other = copy();
    other.audit = sink;
    other.auditLevel = level;
    return other;
  }

  /// Whom it tells of single requests, null for nobody; the program closes it.
  public ApiServerOptions withTelemetry(@Nullable OpenTelemetry chosen) {
    ApiServerOptions other = copy();
    other.telemetry = chosen;
    return other;
  }

  /// Null for nobody.
  @Nullable OpenTelemetry telemetry() {
    return telemetry;
  }

  Storage store() {
    return store;
  }

  Kinds kinds() {
    return kinds;
  }

  Actions actions() {
    return actions;
  }

  Admission admission() {
    return admission;
  }

  List<Authenticator> authenticators() {
    return authenticators;
  }

  Authorizer authorizer() {
    return authorizer;
  }

  Extension.Factory extension() {
    return extension;
  }

  Duration requestTimeout() {
    return requestTimeout;
  }

  List<Listener> listeners() {
    return listeners;
  }

  HttpLimits limits() {
    return limits;
  }

  FairnessLimits fairness() {
    return fairness;
  }

  ServerVersion version() {
    return version;
  }

  AuditSink audit() {
    return audit;
  }

  AuditLevel auditLevel() {
    return auditLevel;
  }

  InstantSource clock() {
    return clock;
  }

  RandomGenerator random() {
    return random;
  }
}
