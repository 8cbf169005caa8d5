package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.metrics.ServerMetrics;
import dev.otherix.apiserver.request.Call;
import java.util.ArrayList;
import java.util.List;

/// Finds out who calls: the first way that understands what the request shows decides.
final class Authentication implements Filter {
  private final List<Authenticator> ways;
  private final ServerMetrics metrics;

  Authentication(List<Authenticator> ways, ServerMetrics metrics) {
    this.ways = List.copyOf(ways);
    this.metrics = metrics;
  }

  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    Caller caller;
    try {
      caller = caller(call.request());
    } catch (ApiException e) {
      metrics.authenticated(false);
      throw e;
    }
    metrics.authenticated(true);
    return next.handle(call.as(caller));
  }

  private Caller caller(Request request) {
    for (Authenticator way : ways) {
      Caller caller = way.authenticate(request);
      if (caller != null) {
        return known(caller);
      }
    }
    if (request.headers().first("authorization") != null) {
      throw ApiException.of(
          StatusReason.UNAUTHORIZED,
          "the Authorization header is of no kind that this server takes; send a bearer token");
    }
    return Caller.NOBODY;
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
