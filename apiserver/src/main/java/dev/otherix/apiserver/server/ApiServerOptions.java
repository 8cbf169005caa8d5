package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.BasicAuthorizer;
import dev.otherix.apiserver.endpoint.Actions;
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
/// @param requestTimeout for one request, watches apart
public record ApiServerOptions(
    Storage store,
    Kinds kinds,
    boolean builtinKinds,
    Actions actions,
    Admission admission,
    List<Authenticator> authenticators,
    Authorizer authorizer,
    Duration requestTimeout,
    InstantSource clock,
    RandomGenerator random) {
  public ApiServerOptions {
    authenticators = List.copyOf(authenticators);
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
        Duration.ofSeconds(60),
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
        requestTimeout,
        clock,
        random);
  }
}
