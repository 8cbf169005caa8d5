package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.schema.Subresources;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.metrics.RequestLabels;
import dev.otherix.apiserver.metrics.RequestMeter;
import dev.otherix.apiserver.metrics.ServerMetrics;
import dev.otherix.apiserver.metrics.WatchMeter;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Route;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Counts requests and their time, under labels that come from what is served.
final class RequestMeasurement {
  private final ServerMetrics metrics;
  private final Resources resources;

  RequestMeasurement(ServerMetrics metrics, Resources resources) {
    this.metrics = metrics;
    this.resources = resources;
  }

  void began(boolean mutating) {
    metrics.began(mutating);
  }

  void ended(boolean mutating) {
    metrics.ended(mutating);
  }

  /// Counts an answer; a stream is counted until it ends.
  ///
  /// @param call null when the request was not even understood
  Answer answered(@Nullable Call call, String method, Answer answer, long nanos) {
    RequestLabels labels = labels(call, method);
    RequestMeter meter = metrics.requests(labels);
    return switch (answer) {
      case Answer.Whole whole -> {
        boolean dryRun = call != null && call.params().has("dryRun");
        long waited = call == null ? 0 : call.warnings().waitedNanos();
        meter.answered(whole.status(), dryRun, nanos, waited, whole.body().length());
        protectedItself(whole.status(), labels);
        if (call != null && call.request().body().length > 0) {
          metrics.bodyRead(call.request().body().length);
        }
        yield whole;
      }
      case Answer.Stream stream -> {
        WatchMeter events = metrics.watches(labels.group(), labels.version(), labels.resource());
        meter.streamBegan();
        yield new Answer.Stream(
            stream.status(),
            stream.headers(),
            new MeasuredMessages(stream.messages(), events, () -> meter.streamEnded(200)));
      }
    };
  }

  /// Counts what was not done because of the server, not of the request.
  private void protectedItself(int status, RequestLabels labels) {
    switch (status) {
      case 429, 503 -> metrics.terminated(status);
      case 504 -> {
        metrics.terminated(status);
        metrics.aborted(labels);
      }
      default -> {}
    }
  }

  /// A watch has told the whole state that it began with.
  void watchListed(Call call, long nanos) {
    metrics.watchListed(labels(call, call.request().method()), nanos);
  }

  private RequestLabels labels(@Nullable Call call, String method) {
    Route route = call == null ? null : call.route();
    if (route == null || !route.isResource()) {
      return new RequestLabels(verb(method, route), "", "", "", "", "");
    }
    Resource.Version version = resources.find(route.group(), route.version(), route.resource());
    if (version == null) {
      return new RequestLabels(verb(method, route), "", "", "", "", "");
    }
    String scope =
        !route.name().isEmpty()
            ? "resource"
            : route.namespace().isEmpty() ? "cluster" : "namespace";
    RequestLabels labels =
        new RequestLabels(
            verb(method, route),
            route.group(),
            route.version(),
            route.resource(),
            subresource(version, route.subresource()),
            scope);
    if (!version.kind().header().deprecation().isEmpty()) {
      metrics.usedDeprecated(labels);
    }
    return labels;
  }

  private static String subresource(Resource.Version version, String asked) {
    Subresources has = version.kind().header().subresources();
    boolean known =
        (asked.equals("status") && has.status())
            || (asked.equals("scale") && has.scale() != null)
            || has.actions().contains(asked)
            || has.updates().contains(asked);
    return known ? asked : "";
  }

  private static String verb(String method, @Nullable Route route) {
    if (route == null || !route.isResource()) {
      return switch (method) {
        case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" -> method;
        default -> "OTHER";
      };
    }
    return switch (route.verb()) {
      case "create" -> "POST";
      case "update" -> "PUT";
      default -> route.verb().toUpperCase(Locale.ROOT);
    };
  }
}
