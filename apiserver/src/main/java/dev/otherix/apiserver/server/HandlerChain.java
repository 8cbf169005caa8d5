package dev.otherix.apiserver.server;

import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Handler;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Params;
import dev.otherix.apiserver.request.Route;
import dev.otherix.apiserver.request.Warnings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The way of every request, in order. What stands first sees the request first and the answer
/// last.
final class HandlerChain implements Handler {
  private final RequestIds ids;
  private final Recovery recovery;
  private final RequestMeasurement measurement;
  private final Auditing auditing;
  private final Filter.Step first;

  /// @param filters the order of the chain, see [ApiServer]
  HandlerChain(
      RequestIds ids,
      Recovery recovery,
      RequestMeasurement measurement,
      Auditing auditing,
      List<Filter> filters,
      Filter.Step last) {
    this.ids = ids;
    this.recovery = recovery;
    this.measurement = measurement;
    this.auditing = auditing;
    Filter.Step step = last;
    for (Filter filter : filters.reversed()) {
      step = filter.before(step);
    }
    this.first = step;
  }

  @Override
  public Answer handle(Request request) throws InterruptedException {
    long began = System.nanoTime();
    boolean mutating = !request.reads();
    String id = ids.of(request);
    @Nullable Call[] understood = {null};
    measurement.began(mutating);
    try {
      Answer answer =
          recovery.answer(
              id,
              request,
              () -> {
                Call call = call(id, request);
                understood[0] = call;
                return first.handle(call);
              });
      long nanos = System.nanoTime() - began;
      auditing.answered(id, understood[0], request, answer.status(), nanos);
      return measurement.answered(understood[0], request.method(), answer, nanos);
    } finally {
      measurement.ended(mutating);
    }
  }

  private static Call call(String id, Request request) {
    Params params = Params.parse(request.query());
    Route route = Route.of(request.method(), request.path(), params);
    return new Call(id, request, route, params, Caller.NOBODY, new Warnings(), () -> () -> true);
  }
}
