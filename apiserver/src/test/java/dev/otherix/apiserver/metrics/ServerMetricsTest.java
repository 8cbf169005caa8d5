package dev.otherix.apiserver.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.admission.AdmissionMeter;
import dev.otherix.apiserver.admission.AdmissionMeter.Part;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.discovery.Requests;
import dev.otherix.apiserver.fairness.Level;
import dev.otherix.apiserver.fairness.LevelStats;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.ServerStats;
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
    metrics.aborted(GET);
    metrics.watches("otherix", "v1", "vms").sent(3_000);
    metrics.sockets(() -> new ServerStats(1, 2, 1, 4, 5, 6, 7, 8, 9, 10));
    metrics.audited();
    metrics.auditLosses(() -> 1);
    metrics.access().identified("ada@example.org", 2_000);
    metrics.access().unidentified(1_000);
    metrics.access().decided(false, 3_000);
    metrics.storageSize(() -> 4_096);
    assertLine("apiserver_current_inflight_requests{request_kind=\"mutating\"} 1.0");
    assertLine("apiserver_current_inflight_requests{request_kind=\"readOnly\"} 0.0");
    assertLine("apiserver_request_body_size_bytes_sum 10.0");
    assertLine("apiserver_request_terminations_total{code=\"429\"} 1.0");
    assertLine(
        "apiserver_request_aborts_total{verb=\"GET\",group=\"otherix\",version=\"v1\","
            + "resource=\"vms\"} 1.0");
    String vms = "group=\"otherix\",resource=\"vms\",version=\"v1\"";
    assertLine("apiserver_watch_events_total{" + vms + "} 1.0");
    assertLine("apiserver_watch_events_sizes_sum{" + vms + "} 3000.0");
    assertLine("apiserver_tls_handshake_errors_total 1.0");
    assertLine("apiserver_audit_event_total 1.0");
    assertLine("apiserver_audit_error_total{plugin=\"log\"} 1.0");
    assertLine("authorization_attempts_total{result=\"denied\"} 1.0");
    assertLine("authorization_attempts_total{result=\"allowed\"} 0.0");
    assertLine("authentication_attempts{result=\"success\"} 1.0");
    assertLine("authentication_attempts{result=\"failure\"} 1.0");
    assertLine("authentication_duration_seconds_count{result=\"success\"} 1");
    assertLine("authorization_duration_seconds_count{result=\"denied\"} 1");
    assertLine("authenticated_user_requests{username=\"email_id\"} 1.0");
    assertLine("apiserver_storage_size_bytes 4096.0");
  }

  @Test
  void flow_levels_areReadWhenAsked() {
    metrics.flows(() -> List.of(new LevelStats(Level.PEOPLE, 200, 3, 4, 5, 600, 7, 8, 9)));
    metrics.waited(Level.PEOPLE, 3_000_000);
    String people = "priority_level=\"people\"";
    String prefix = "apiserver_flowcontrol_";
    assertLine(prefix + "nominal_limit_seats{" + people + "} 200.0");
    assertLine(prefix + "current_executing_requests{" + people + "} 3.0");
    assertLine(prefix + "current_executing_seats{" + people + "} 4.0");
    assertLine(prefix + "current_inqueue_requests{" + people + "} 5.0");
    assertLine(prefix + "dispatched_requests_total{" + people + "} 600.0");
    assertLine(prefix + "rejected_requests_total{" + people + ",reason=\"queue-full\"} 7.0");
    assertLine(prefix + "rejected_requests_total{" + people + ",reason=\"time-out\"} 8.0");
    assertLine(prefix + "rejected_requests_total{" + people + ",reason=\"cancelled\"} 9.0");
    assertLine(prefix + "request_wait_duration_seconds_count{" + people + ",execute=\"true\"} 1");
  }

  @Test
  void admission_parts_areToldApart() {
    AdmissionMeter meter = metrics.admission();
    meter.took(Part.STEP, "", "admit", Operation.CREATE, false, 1_000_000);
    meter.took(Part.CONTROLLER, "NamespaceLifecycle", "validating", Operation.CREATE, true, 1);
    meter.took(Part.WEBHOOK, "a.example.com", "admit", Operation.UPDATE, false, 2_000_000_000L);
    String prefix = "apiserver_admission_";
    String end = "_admission_duration_seconds";
    assertLine(
        prefix
            + "step"
            + end
            + "_sum{type=\"admit\",operation=\"CREATE\",rejected=\"false\"} 0.001");
    assertLine(
        prefix
            + "controller"
            + end
            + "_count{name=\"NamespaceLifecycle\",type=\"validating\",operation=\"CREATE\","
            + "rejected=\"true\"} 1");
    assertLine(
        prefix
            + "webhook"
            + end
            + "_sum{name=\"a.example.com\",type=\"admit\",operation=\"UPDATE\","
            + "rejected=\"false\"} 2.0");
  }

  @Test
  void storage_requests_areCountedByOperationAndKind() {
    metrics.storage().answered("create", "/registry/otherix/vms/", 500_000_000);
    metrics.storage().failed("create");
    assertLine(
        "etcd_request_duration_seconds_sum{operation=\"create\",type=\"/registry/otherix/vms/\"}"
            + " 0.5");
    assertLine("etcd_request_errors_total{operation=\"create\"} 1.0");
  }

  @Test
  void health_checks_areOnAPageOfTheirOwn() {
    metrics.healthAsked("ping", "livez", true);
    metrics.healthAsked("ping", "livez", false);
    List<String> lines =
        Requests.text(metrics.healthAnswer(Requests.get("/metrics/slis"))).lines().toList();
    assertTrue(lines.contains("kubernetes_healthcheck{name=\"ping\",type=\"livez\"} 0.0"));
    assertTrue(
        lines.contains(
            "kubernetes_healthchecks_total{name=\"ping\",status=\"error\",type=\"livez\"} 1.0"));
    assertTrue(lines().stream().noneMatch(line -> line.contains("kubernetes_healthcheck")));
  }

  @Test
  void cache_statistics_areReadWhenAsked() {
    long[] objects = {5};
    metrics.addCache(
        "vms.otherix",
        () ->
            new CacheStats(
                objects[0],
                100,
                77,
                1,
                64,
                3,
                4,
                2,
                6,
                8,
                9,
                10,
                11,
                12,
                13,
                22,
                new CacheStats.Consistent(23, 24),
                new CacheStats.Lists(14, 15, 16, 17)));
    String labels = "{resource=\"vms.otherix\"}";
    assertLine("apiserver_storage_objects" + labels + " 5.0");
    objects[0] = 6;
    assertLine("apiserver_resource_objects" + labels + " 6.0");
    assertLine("apiserver_watch_cache_resource_version" + labels + " 77.0");
    assertLine("apiserver_watch_cache_capacity" + labels + " 64.0");
    assertLine("apiserver_terminated_watchers_total" + labels + " 8.0");
    assertLine("apiserver_watch_cache_initializations_total" + labels + " 9.0");
    assertLine("apiserver_watch_cache_events_received_total" + labels + " 13.0");
    assertLine("apiserver_watch_cache_events_dispatched_total" + labels + " 13.0");
    String reads = "apiserver_watch_cache_consistent_read_total{resource=\"vms.otherix\",";
    assertLine(reads + "success=\"true\",fallback=\"false\"} 23.0");
    assertLine(reads + "success=\"false\",fallback=\"true\"} 24.0");
    assertLine("etcd_bookmark_counts" + labels + " 22.0");
    assertLine("apiserver_storage_list_total" + labels + " 14.0");
    assertLine("apiserver_storage_list_fetched_objects_total" + labels + " 15.0");
    assertLine("apiserver_storage_list_evaluated_objects_total" + labels + " 16.0");
    assertLine("apiserver_storage_list_returned_objects_total" + labels + " 17.0");
    metrics.removeCache("vms.otherix");
    assertTrue(lines().stream().noneMatch(line -> line.contains("vms.otherix")));
  }
}
