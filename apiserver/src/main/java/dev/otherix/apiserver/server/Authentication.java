package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.metrics.AccessMetrics;
import dev.otherix.apiserver.request.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Finds out who calls: the first way that understands what the request shows decides.
final class Authentication implements Filter {
  private final List<Authenticator> ways;
  private final AccessMetrics metrics;
  private final StreamGuards guards;

  Authentication(List<Authenticator> ways, AccessMetrics metrics, StreamGuards guards) {
    this.ways = List.copyOf(ways);
    this.guards = guards;
    this.metrics = metrics;
  }

  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    Found found;
    long began = System.nanoTime();
    try {
      found = find(call.request());
    } catch (ApiException e) {
      metrics.unidentified(System.nanoTime() - began);
      throw e;
    }
    metrics.identified(found.caller.name(), System.nanoTime() - began);
    call.warnings().annotate(Auditing.USER, found.caller.name());
    Request request = call.request();
    Authenticator way = found.way;
    Answer answer =
        next.handle(
            way == null
                ? call.as(found.caller)
                : call.as(found.caller).with(() -> way.standing(request, found.caller)));
    return answer instanceof Answer.Stream stream ? guarded(stream, found, request) : answer;
  }

  /// @param way null for nobody
  private record Found(Caller caller, @Nullable Authenticator way) {}

  /// Ends the stream when what the caller showed counts no more, or what allowed it.
  private Answer guarded(Answer.Stream stream, Found found, Request request) {
    Authenticator way = found.way;
    BooleanSupplier known = way == null ? () -> true : () -> way.stillValid(request, found.caller);
    return new Answer.Stream(
        stream.status(),
        stream.headers(),
        new GuardedMessages(stream.messages(), known, stream.allowed(), guards));
  }

  private Found find(Request request) {
    for (Authenticator way : ways) {
      Caller caller = way.authenticate(request);
      if (caller != null) {
        return new Found(known(caller), way);
      }
    }
    if (request.headers().first("authorization") != null) {
      throw ApiException.of(
          StatusReason.UNAUTHORIZED,
          "the Authorization header is of no kind that this server takes; send a bearer token");
    }
    return new Found(Caller.NOBODY, null);
  }

  static Caller known(Caller caller) {
    if (caller.in(Caller.AUTHENTICATED)) {
      return caller;
    }
    List<String> groups = new ArrayList<>(caller.groups());
    groups.add(Caller.AUTHENTICATED);
    return new Caller(caller.name(), caller.uid(), groups, caller.extra());
  }
}
