package dev.otherix.apiserver.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;

/// The parts of the request that this thread works at, as spans of the request's trace. They are
/// told when they are over, so that whoever measures anyway tells here too. Nothing, and a look at
/// a variable of the thread, where the request is not traced.
public final class Spans {
  private static final ContextKey<Told> TOLD = ContextKey.named("otherix-told");

  /// Who is told, and what time it is.
  private record Told(Tracer tracer, InstantSource clock) {}

  private Spans() {}

  /// Where parts of a request belong to.
  ///
  /// @param request the span of it
  public static Context of(Span request, Tracer tracer, InstantSource clock) {
    return Context.root().with(request).with(TOLD, new Told(tracer, clock));
  }

  /// Whether anybody wants to know of what this thread does.
  public static boolean wanted() {
    return Context.current().get(TOLD) != null;
  }

  /// A part that has just ended.
  ///
  /// @param nanos how long it took
  public static void ended(String name, long nanos) {
    ended(name, nanos, false, Attributes.empty());
  }

  /// A part that has just ended.
  ///
  /// @param nanos how long it took
  public static void ended(String name, long nanos, boolean failed, Attributes attributes) {
    Told told = Context.current().get(TOLD);
    if (told == null) {
      return;
    }
    Instant end = told.clock.instant();
    Span span =
        told.tracer
            .spanBuilder(name)
            .setStartTimestamp(end.minusNanos(nanos))
            .setAllAttributes(attributes)
            .startSpan();
    if (failed) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end(end);
  }

  /// The same work for another thread, for the same request.
  public static <T> Callable<T> elsewhere(Callable<T> work) {
    return Context.current().wrap(work);
  }
}
