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
import dev.otherix.apiserver.fairness.FairnessLimits;
import dev.otherix.apiserver.http.HttpLimits;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.storage.Storage;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/// How to start an [ApiServer].
///
/// @param store becomes the server's, which closes it
/// @param kinds what it serves beside the built-in kinds
/// @param builtinKinds whether it serves those
/// @param authenticators ways to find out who calls, in order
/// @param audit where it tells who did what, as far as `auditLevel` says; the program closes it
/// @param extension what the program adds beside kinds
/// @param requestTimeout for one request, watches apart
/// @param listeners where it takes connections; none for a server inside of a program
public record ApiServerOptions(
    Storage store,
    Kinds kinds,
    boolean builtinKinds,
    Actions actions,
    Admission admission,
    List<Authenticator> authenticators,
    Authorizer authorizer,
    Extension.Factory extension,
    Duration requestTimeout,
    List<Listener> listeners,
    HttpLimits limits,
    FairnessLimits fairness,
    ServerVersion version,
    AuditSink audit,
    AuditLevel auditLevel,
    InstantSource clock,
    RandomGenerator random) {
  public ApiServerOptions {
    authenticators = List.copyOf(authenticators);
    listeners = List.copyOf(listeners);
  }

  /// Of a server of `kinds` on `store` that nobody but its own process may use.
  public static ApiServerOptions of(Storage store, Kinds kinds) {
    return new ApiServerOptions(
        store,
        kinds,
        true,
        Actions.NONE,
        Admission.NONE,
        List.of(),
        new BasicAuthorizer(),
        Extension.Factory.NONE,
        Duration.ofSeconds(60),
        List.of(),
        HttpLimits.DEFAULT,
        FairnessLimits.DEFAULT,
        new ServerVersion("0.1.0", "", ""),
        AuditSink.NONE,
        AuditLevel.NONE,
        InstantSource.system(),
        new SecureRandom());
  }

  public ApiServerOptions withAuthenticators(List<Authenticator> ways) {
    return new ApiServerOptions(
        store,
        kinds,
        builtinKinds,
        actions,
        admission,
        ways,
        authorizer,
        extension,
        requestTimeout,
        listeners,
        limits,
        fairness,
        version,
        audit,
        auditLevel,
        clock,
        random);
  }

  public ApiServerOptions withListeners(List<Listener> places) {
    return new ApiServerOptions(
        store,
        kinds,
        builtinKinds,
        actions,
        admission,
        authenticators,
        authorizer,
        extension,
        requestTimeout,
        places,
        limits,
        fairness,
        version,
        audit,
        auditLevel,
        clock,
        random);
  }

  public ApiServerOptions withExtension(Extension.Factory added) {
    return new ApiServerOptions(
        store,
        kinds,
        builtinKinds,
        actions,
        admission,
        authenticators,
        authorizer,
        added,
        requestTimeout,
        listeners,
        limits,
        fairness,
        version,
        audit,
        auditLevel,
        clock,
        random);
  }

  public ApiServerOptions withAudit(AuditSink sink, AuditLevel level) {
    return new ApiServerOptions(
        store,
        kinds,
        builtinKinds,
        actions,
        admission,
        authenticators,
        authorizer,
        extension,
        requestTimeout,
        listeners,
        limits,
        fairness,
        version,
        sink,
        level,
        clock,
        random);
  }

  public ApiServerOptions withActions(Actions offered) {
    return new ApiServerOptions(
        store,
        kinds,
        builtinKinds,
        offered,
        admission,
        authenticators,
        authorizer,
        extension,
        requestTimeout,
        listeners,
        limits,
        fairness,
        version,
        audit,
        auditLevel,
        clock,
        random);
  }

  public ApiServerOptions withAdmission(Admission checks) {
    return new ApiServerOptions(
        store,
        kinds,
        builtinKinds,
        actions,
        checks,
        authenticators,
        authorizer,
        extension,
        requestTimeout,
        listeners,
        limits,
        fairness,
        version,
        audit,
        auditLevel,
        clock,
        random);
  }

  public ApiServerOptions withVersion(ServerVersion told) {
    return new ApiServerOptions(
        store,
        kinds,
        builtinKinds,
        actions,
        admission,
        authenticators,
        authorizer,
        extension,
        requestTimeout,
        listeners,
        limits,
        fairness,
        told,
        audit,
        auditLevel,
        clock,
        random);
  }
}
