package dev.otherix.apiserver.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.discovery.Requests;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.metrics.FlowMeter.Rejection;
import dev.otherix.apiserver.watchcache.CacheStats;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerMetricsTest {
  private static final RequestLabels GET =
      new RequestLabels("GET", "otherix", "v1", "vms", "", "resource");
  private static final String OF_GET =
      "component=\"apiserver\",group=\"otherix\",resource=\"vms\",scope=\"resource\","
          + "subresource=\"\",verb=\"GET\",version=\"v1\"";

  private final ServerMetrics metrics = new ServerMetrics();

  private List<String> lines() {
    Answer answer = metrics.answer(Requests.get("/metrics"));
    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8", answer.headers().first("content-type"));
    return Requests.text(answer).lines().map(ServerMetricsTest::sorted).toList();
  }

  /// Labels by the alphabet, so that no test depends on their order.
  private static String sorted(String line) {
    int open = line.indexOf('{');
    int close = line.lastIndexOf('}');
    if (open < 0 || close < 0 || line.startsWith("#")) {
      return line;
    }
    List<String> labels =
        List.of(line.substring(open + 1, close).split(",(?=[a-z_]+=)")).stream().sorted().toList();
    return line.substring(0, open + 1) + String.join(",", labels) + line.substring(close);
  }

  private void assertLine(String expected) {
    List<String> lines = lines();
    String wanted = sorted(expected);
    assertTrue(lines.contains(wanted), () -> wanted + "\n" + String.join("\n", lines));
  }

  @Test
  void request_answered_countsUnderKubernetesNames() {
    RequestMeter meter = metrics.requests(GET);
    meter.answered(200, false, 30_000_000, 10_000_000, 1_500);
    meter.answered(201, true, 2_000_000_000L, 0, 100);
    assertLine("apiserver_request_total{" + OF_GET + ",code=\"200\",dry_run=\"\"} 1.0");
    assertLine("apiserver_request_total{" + OF_GET + ",code=\"201\",dry_run=\"All\"} 1.0");
    String duration = "apiserver_request_duration_seconds_bucket{" + OF_GET + ",dry_run=\"\",le=";
    assertLine(duration + "\"0.025\"} 0");
    assertLine(duration + "\"0.05\"} 1");
    assertLine(duration + "\"60.0\"} 2");
    assertLine("apiserver_request_sli_duration_seconds_bucket{" + OF_GET + ",le=\"0.025\"} 1");
    assertLine("apiserver_response_sizes_sum{" + OF_GET + "} 1600.0");
    assertLine("# TYPE apiserver_request_total counter");
    assertLine("# TYPE apiserver_request_duration_seconds histogram");
  }

  @Test
  void requests_sameLabels_sameMeter() {
    assertSame(
        metrics.requests(GET),
        metrics.requests(new RequestLabels("GET", "otherix", "v1", "vms", "", "resource")));
  }

  @Test
  void requests_withoutEnd_shareOneMeter() {
    for (int i = 0; i < RequestMetrics.METERS_MAX; i++) {
      metrics.requests(new RequestLabels("GET", "g" + i, "v1", "r", "", ""));
    }
    RequestMeter one = metrics.requests(new RequestLabels("GET", "more", "v1", "r", "", ""));
    assertSame(one, metrics.requests(new RequestLabels("GET", "evenmore", "v1", "r", "", "")));
    assertSame(
        metrics.requests(new RequestLabels("GET", "g0", "v1", "r", "", "")),
        metrics.requests(new RequestLabels("GET", "g0", "v1", "r", "", "")));
  }

  @Test
  void request_oddCode_isBounded() {
    metrics.requests(GET).answered(123_456, false, 0, 0, 0);
    assertLine("apiserver_request_total{" + OF_GET + ",code=\"0\",dry_run=\"\"} 1.0");
  }

  @Test
  void stream_openAndClosed_isLongRunning() {
    metrics.requests(GET).streamBegan();
    assertLine("apiserver_longrunning_requests{" + OF_GET + "} 1.0");
    metrics.requests(GET).streamEnded(200);
    assertLine("apiserver_longrunning_requests{" + OF_GET + "} 0.0");
    assertLine("apiserver_request_total{" + OF_GET + ",code=\"200\",dry_run=\"\"} 1.0");
  }

  @Test
  void others_haveTheNamesThatDashboardsKnow() {
    metrics.began(true);
    metrics.began(false);
    metrics.ended(false);
    metrics.bodyRead(10);
    metrics.terminated(429);
    metrics.aborted("LIST");
    metrics.watches("otherix", "v1", "vms").sent(3_000);
    metrics.tlsHandshakeFailed();
    metrics.audited();
    metrics.auditFailed("log");
    metrics.authenticated(true);
    metrics.authorized(false);
    metrics.storageSize(() -> 4_096);
    assertLine("apiserver_current_inflight_requests{request_kind=\"mutating\"} 1.0");
    assertLine("apiserver_current_inflight_requests{request_kind=\"readOnly\"} 0.0");
    assertLine("apiserver_request_body_size_bytes_sum 10.0");
    assertLine("apiserver_request_terminations_total{code=\"429\"} 1.0");
    assertLine("apiserver_request_aborts_total{verb=\"LIST\"} 1.0");
    String vms = "group=\"otherix\",resource=\"vms\",version=\"v1\"";
    assertLine("apiserver_watch_events_total{" + vms + "} 1.0");
    assertLine("apiserver_watch_events_sizes_sum{" + vms + "} 3000.0");
    assertLine("apiserver_tls_handshake_errors_total 1.0");
    assertLine("apiserver_audit_event_total 1.0");
    assertLine("apiserver_audit_error_total{plugin=\"log\"} 1.0");
    assertLine("authorization_attempts_total{result=\"denied\"} 1.0");
    assertLine("authorization_attempts_total{result=\"allowed\"} 0.0");
    assertLine("authentication_attempts{result=\"success\"} 1.0");
    assertLine("apiserver_storage_size_bytes 4096.0");
  }

  @Test
  void flow_requests_areCountedByLevelAndSchema() {
    FlowMeter meter = metrics.flow("workload", "service-accounts");
    meter.queued();
    meter.unqueued();
    meter.began(3_000_000);
    meter.rejected(Rejection.QUEUE_FULL);
    String labels = "flow_schema=\"service-accounts\",priority_level=\"workload\"";
    assertLine("apiserver_flowcontrol_current_executing_requests{" + labels + "} 1.0");
    assertLine("apiserver_flowcontrol_current_inqueue_requests{" + labels + "} 0.0");
    assertLine("apiserver_flowcontrol_dispatched_requests_total{" + labels + "} 1.0");
    assertLine(
        "apiserver_flowcontrol_rejected_requests_total{" + labels + ",reason=\"queue-full\"} 1.0");
    assertLine("apiserver_flowcontrol_request_wait_duration_seconds_count{" + labels + "} 1");
    meter.ended();
    assertLine("apiserver_flowcontrol_current_executing_requests{" + labels + "} 0.0");
  }

  @Test
  void cache_statistics_areReadWhenAsked() {
    long[] objects = {5};
    metrics.addCache(
        "vms.otherix",
        () -> new CacheStats(objects[0], 100, 77, 1, 64, 3, 4, 2, 6, 8, 9, 10, 11, 12));
    String labels = "{resource=\"vms.otherix\"}";
    assertLine("apiserver_storage_objects" + labels + " 5.0");
    objects[0] = 6;
    assertLine("apiserver_resource_objects" + labels + " 6.0");
    assertLine("apiserver_watch_cache_resource_version" + labels + " 77.0");
    assertLine("apiserver_watch_cache_capacity" + labels + " 64.0");
    assertLine("apiserver_terminated_watchers_total" + labels + " 8.0");
    assertLine("apiserver_watch_cache_initializations_total" + labels + " 9.0");
    metrics.removeCache("vms.otherix");
    assertTrue(lines().stream().noneMatch(line -> line.contains("vms.otherix")));
  }
}
