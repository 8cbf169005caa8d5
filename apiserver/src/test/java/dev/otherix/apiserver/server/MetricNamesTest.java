package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The families that dashboards and alerts of Kubernetes ask for, fed by requests to a real server.
/// Families of the sockets, the audit file and the store's size, which this server has not, are in
/// `ServerMetricsTest`.
final class MetricNamesTest {
  private static final List<String> FAMILIES =
      """
      apiserver_request_total counter
      apiserver_request_duration_seconds histogram
      apiserver_request_sli_duration_seconds histogram
      apiserver_response_sizes histogram
      apiserver_longrunning_requests gauge
      apiserver_current_inflight_requests gauge
      apiserver_request_body_size_bytes histogram
      apiserver_request_filter_duration_seconds histogram
      apiserver_watch_events_total counter
      apiserver_watch_events_sizes histogram
      apiserver_watch_list_duration_seconds histogram
      apiserver_requested_deprecated_apis gauge
      apiserver_storage_objects gauge
      apiserver_resource_objects gauge
      apiserver_storage_list_total counter
      apiserver_storage_list_fetched_objects_total counter
      apiserver_storage_list_evaluated_objects_total counter
      apiserver_storage_list_returned_objects_total counter
      apiserver_watch_cache_capacity gauge
      apiserver_watch_cache_events_received_total counter
      apiserver_watch_cache_events_dispatched_total counter
      apiserver_watch_cache_initializations_total counter
      apiserver_watch_cache_read_wait_seconds histogram
      apiserver_watch_cache_consistent_read_total counter
      apiserver_watch_cache_resource_version gauge
      apiserver_terminated_watchers_total counter
      etcd_request_duration_seconds histogram
      etcd_bookmark_counts gauge
      apiserver_current_inqueue_requests gauge
      apiserver_flowcontrol_current_executing_requests gauge
      apiserver_flowcontrol_current_inqueue_requests gauge
      apiserver_flowcontrol_rejected_requests_total counter
      apiserver_flowcontrol_request_wait_duration_seconds histogram
      apiserver_flowcontrol_nominal_limit_seats gauge
      apiserver_flowcontrol_work_estimated_seats histogram
      authentication_attempts gauge
      authenticated_user_requests gauge
      authentication_duration_seconds histogram
      authorization_attempts_total counter
      authorization_duration_seconds histogram
      apiserver_audit_event_total counter
      apiserver_admission_step_admission_duration_seconds histogram
      apiserver_admission_controller_admission_duration_seconds histogram
      apiserver_cel_compilation_duration_seconds histogram
      apiserver_cel_evaluation_duration_seconds histogram
      """
          .lines()
          .toList();

  private final Scene scene = new Scene();

  @AfterEach
  void stop() {
    scene.close();
  }

  @Test
  void families_ofAServerThatWasUsed_haveTheNamesThatKubernetesHas() {
    String more = "'deprecated':true,";
    String rules =
        "{'type':'object','properties':{'spec':{'type':'object',"
            + "'x-kubernetes-validations':[{'rule':'true'}],'properties':{}}}}";
    scene.define(
        Scene.definition("foos", "Foo", "conform.io", Scene.version("v1", true, true, more, rules)),
        Scene.path("foos"));
    Reply made = scene.create(Scene.path("foos"), "{'metadata':{'name':'a'},'spec':{}}");
    assertEquals(List.of("299 - \"conform.io/v1 Foo is deprecated\""), made.warnings());
    watchTheState();
    List<String> lines = scene.client.get("/metrics").text().lines().toList();
    Set<String> told =
        lines.stream()
            .filter(line -> line.startsWith("# TYPE "))
            .map(line -> line.substring("# TYPE ".length()))
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> missing = new ArrayList<>(FAMILIES);
    missing.removeAll(told);
    assertEquals(List.of(), missing);
    assertHas(lines, "apiserver_requested_deprecated_apis{", "resource=\"foos\"", "} 1.0");
    assertHas(lines, "apiserver_watch_list_duration_seconds_count{", "\"foos\"", "} 1");
    assertHas(lines, "authenticated_user_requests{", "username=\"", "} ");
    for (String filter : List.of("authentication", "authorization", "priorityandfairness")) {
      assertHas(lines, "apiserver_request_filter_duration_seconds_count{", filter, "} ");
    }
  }

  private void watchTheState() {
    String query = "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    try (TestWatch watch =
        scene.client.watch(
            Scene.path("foos") + query + "&allowWatchBookmarks=true", Headers.NONE)) {
      assertEquals("ADDED a", watch.brief());
      assertEquals("BOOKMARK", Objects.requireNonNull(watch.next()).path("type").asString(""));
    }
  }

  private static void assertHas(List<String> lines, String begin, String middle, String end) {
    assertTrue(
        lines.stream()
            .anyMatch(
                line -> line.startsWith(begin) && line.contains(middle) && line.contains(end)),
        () -> begin + middle + end + " is not in\n" + String.join("\n", lines));
  }
}
