package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a server's process shows of its controllers.
@Tag("slow")
final class ServerControllersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void metricsHealthAndLease_tellOfTheControllers(@TempDir Path folder) throws Exception {
    try (TestServer server = TestServer.start(folder);
        ApiClient client =
            new ApiClient(
                Cluster.at(server.endpoint()).connect(),
                ClientOptions.of("test").withoutRetries())) {
      awaitReady(client);
      String checks = page(client, "/readyz", "verbose");
      for (String name : List.of("scheduler", "garbage-collector", "namespaces")) {
        assertTrue(checks.contains("[+]controllers/" + name + " ok\n"), checks);
      }
      String metrics = page(client, "/metrics", "");
      for (String line :
          List.of(
              "workqueue_depth{name=\"scheduler\"} ",
              "workqueue_adds_total{name=\"scheduler\"} ",
              "controller_runtime_reconcile_total{controller=\"scheduler\",result=\"success\"} ",
              "controller_runtime_reconcile_time_seconds_bucket{controller=\"scheduler\",le=\"+Inf",
              "rest_client_requests_total{code=\"200\",",
              "leader_election_master_status{name=\"controllers\"} 1",
              "reflector_lists_total{name=\"vms.otherix\"} 1")) {
        assertTrue(metrics.contains(line), line + " is not in\n" + metrics);
      }
      String holder =
          client
              .resource(new GroupVersionResource("coordination.k8s.io", "v1", "leases"))
              .get(new ObjectKey("kube-system", "otherix-controllers"))
              .at("/spec/holderIdentity")
              .asString();
      assertEquals(false, holder.isEmpty());
    }
  }

  private static void awaitReady(ApiClient client) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        page(client, "/readyz", "");
        return;
      } catch (ApiException e) {
        if (System.nanoTime() - end >= 0) {
          throw e;
        }
        Pause.real().await(Duration.ofMillis(20));
      }
    }
  }

  private static String page(ApiClient client, String path, String query)
      throws InterruptedException {
    return new String(client.raw("GET", path, query, null), StandardCharsets.UTF_8);
  }
}
