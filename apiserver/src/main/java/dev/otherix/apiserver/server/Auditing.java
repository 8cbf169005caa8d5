package dev.otherix.apiserver.server;

import dev.otherix.apiserver.audit.AuditEvent;
import dev.otherix.apiserver.audit.AuditLevel;
import dev.otherix.apiserver.audit.AuditSink;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.http.WouldWait;
import dev.otherix.apiserver.metrics.ServerMetrics;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Route;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides which requests the audit log tells of, and what it tells. What is repeated all the time
/// and says nothing, such as heartbeats, is told only when it is refused.
final class Auditing {
  /// The keys under which the filters note who calls.
  static final String USER = "user";

  static final String ACTED_AS = "actedAs";

  private static final Set<String> CHANGING =
      Set.of("create", "update", "patch", "delete", "deletecollection", "post", "put");
  private static final Set<String> REVIEWS =
      Set.of("authentication.k8s.io", "authorization.k8s.io");
  private static final Set<String> HEARTBEATS = Set.of("leases", "events");
  private static final int REFUSED_FROM = 400;
  private static final int USER_AGENT_MAX = 256;

  private final AuditSink sink;
  private final AuditLevel level;
  private final InstantSource clock;
  private final ServerMetrics metrics;

  Auditing(AuditSink sink, AuditLevel level, InstantSource clock, ServerMetrics metrics) {
    this.sink = sink;
    this.level = level;
    this.clock = clock;
    this.metrics = metrics;
  }

  /// @param call null when the request was not even understood
  void answered(String id, @Nullable Call call, Request request, int code, long nanos)
      throws InterruptedException {
    Route route = call == null ? null : call.route();
    if (level == AuditLevel.NONE || !isTold(route, code)) {
      return;
    }
    Map<String, String> notes =
        call == null ? new HashMap<>() : new HashMap<>(call.warnings().annotations());
    String user = notes.remove(USER);
    String actedAs = notes.remove(ACTED_AS);
    boolean resource = route != null && route.isResource();
    AuditEvent event =
        new AuditEvent(
            clock.instant(),
            id,
            user == null ? Caller.ANONYMOUS : user,
            actedAs,
            route == null ? request.method() : route.verb(),
            resource && route != null ? reference(route) : null,
            resource ? "" : request.path(),
            request.peer().address(),
            userAgent(request),
            code,
            nanos / 1000,
            notes);
    if (!sink.record(event, request.mayWait())) {
      // Only reads come without a thread, so the request may simply be done again.
      throw new WouldWait();
    }
    metrics.audited();
  }

  private boolean isTold(@Nullable Route route, int code) {
    if (level == AuditLevel.ALL || code >= REFUSED_FROM) {
      return true;
    }
    return route != null
        && CHANGING.contains(route.verb())
        && !REVIEWS.contains(route.group())
        && !HEARTBEATS.contains(route.resource());
  }

  private static AuditEvent.ObjectReference reference(Route route) {
    return new AuditEvent.ObjectReference(
        route.group(), route.resource(), route.namespace(), route.name(), route.subresource());
  }

  private static String userAgent(Request request) {
    String agent = request.headers().first("user-agent");
    return agent == null ? "" : agent.substring(0, Math.min(agent.length(), USER_AGENT_MAX));
  }
}
