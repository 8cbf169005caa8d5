package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.WouldWait;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Route;
import dev.otherix.apiserver.trace.Spans;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells a collector of requests, from the moment at which it is known who calls. A request that
/// belongs to somebody's trace (`traceparent`) continues it, and is told when that somebody says
/// so, if he is trusted; of others only the name of their trace is kept, as a link, because telling
/// costs the server something.
final class Traces implements Filter {
  /// Whose members may have any request told.
  private static final List<String> TRUSTED = List.of(Caller.MASTERS, "system:monitoring");

  private static final String SCOPE = "dev.otherix.apiserver";
  private static final int FAILURE = 500;

  private static final TextMapGetter<Headers> GETTER = new RequestHeaders();

  private final Tracer tracer;
  private final TextMapPropagator propagator;
  private final InstantSource clock;

  Traces(OpenTelemetry telemetry, InstantSource clock) {
    this.clock = clock;
    this.tracer = telemetry.getTracer(SCOPE);
    this.propagator = telemetry.getPropagators().getTextMapPropagator();
  }

  /// Header fields as those who read traces want them.
  private static final class RequestHeaders implements TextMapGetter<Headers> {
    @Override
    public Iterable<String> keys(Headers headers) {
      return List.of();
    }

    @Override
    public @Nullable String get(@Nullable Headers headers, String name) {
      return headers == null ? null : headers.first(name);
    }
  }

  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    Span span = begin(call);
    if (!span.isRecording()) {
      return next.handle(call);
    }
    try (Scope _ = Spans.of(span, tracer, clock).makeCurrent()) {
      Answer answer = next.handle(call);
      end(span, answer.status());
      return answer;
    } catch (WouldWait e) {
      // It begins anew on a thread of its own, and only that is told.
      throw e;
    } catch (ApiException e) {
      end(span, e.status().code());
      throw e;
    } catch (RuntimeException | InterruptedException e) {
      span.recordException(e);
      end(span, FAILURE);
      throw e;
    }
  }

  private Span begin(Call call) {
    Route route = call.route();
    String name =
        route.isResource()
            ? route.verb()
                + " "
                + (route.group().isEmpty() ? "" : route.group() + "/")
                + route.resource()
                + (route.subresource().isEmpty() ? "" : "/" + route.subresource())
            : call.request().method() + " " + route.path();
    SpanBuilder span = tracer.spanBuilder(name).setSpanKind(SpanKind.SERVER);
    Context theirs = propagator.extract(Context.root(), call.request().headers(), GETTER);
    SpanContext caller = Span.fromContext(theirs).getSpanContext();
    if (TRUSTED.stream().anyMatch(call.caller()::in)) {
      span.setParent(theirs);
    } else {
      span.setNoParent();
      if (caller.isValid()) {
        span.addLink(caller);
      }
    }
    return span.setAttribute("http.request.method", call.request().method())
        .setAttribute("url.path", route.path())
        .setAttribute("user.name", call.caller().name())
        .setAttribute("otherix.audit_id", call.id())
        .setStartTimestamp(clock.instant())
        .startSpan();
  }

  private void end(Span span, int code) {
    span.setAttribute("http.response.status_code", code);
    if (code >= FAILURE) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end(clock.instant());
  }
}
