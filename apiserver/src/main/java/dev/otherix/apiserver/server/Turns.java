package dev.otherix.apiserver.server;

import dev.otherix.apiserver.fairness.Fairness;
import dev.otherix.apiserver.fairness.RequestTraits;
import dev.otherix.apiserver.fairness.Ticket;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.metrics.ServerMetrics;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Route;
import java.util.Set;

/// Lets requests take turns, so that nobody is locked out by somebody busy. A request holds its
/// seats until its answer is made; sending it is bounded by the connection.
final class Turns implements Filter {
  private static final Set<String> PROBES = Set.of("livez", "readyz", "healthz");

  private final Fairness fairness;
  private final Resources resources;
  private final ServerMetrics metrics;

  Turns(Fairness fairness, Resources resources, ServerMetrics metrics) {
    this.fairness = fairness;
    this.resources = resources;
    this.metrics = metrics;
  }

  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    try (Ticket ticket = admit(call)) {
      metrics.estimated(ticket.level(), ticket.seats());
      return next.handle(call);
    }
  }

  private Ticket admit(Call call) throws InterruptedException {
    boolean mutating = !call.request().reads();
    metrics.queued(mutating);
    try {
      return fairness.admit(call.caller(), traits(call), call.request().mayWait());
    } finally {
      metrics.left(mutating);
    }
  }

  private RequestTraits traits(Call call) {
    Route route = call.route();
    if (!route.isResource()) {
      String path = route.path();
      int end = path.indexOf('/', 1);
      String first = path.isEmpty() ? "" : path.substring(1, end < 0 ? path.length() : end);
      return PROBES.contains(first) ? RequestTraits.ofProbe() : RequestTraits.of(route.verb());
    }
    if (!route.verb().equals("list")) {
      return RequestTraits.of(route.verb());
    }
    Resource.Version version = resources.find(route.group(), route.version(), route.resource());
    long objects = version == null ? 0 : version.resource().cache().size();
    return RequestTraits.ofList(objects, false);
  }
}
