package dev.otherix.apiserver.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apiserver.http.ServerStats;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `docs/reference/server-metrics.md` is what the server shows. Written anew with
/// `-Dgolden.write=true`.
class ServerMetricsPageTest {
  private static final Path PAGE = Path.of("../docs/reference/server-metrics.md");
  private static final String HEAD =
      """
      # Metrics of the server

      What `/metrics` shows of requests, storage and access, and `/metrics/slis` of health; of the controllers in its process
      [controller-metrics.md](controller-metrics.md) tells. The names are those of Kubernetes where it has one: dashboards and
      alerts that know those work; [grafana-control-plane.json](grafana-control-plane.json) is one for Grafana. Generated; a
      test compares it with the code.

      | metric | type | what |
      |---|---|---|
      """;

  @Test
  void page_isWhatTheServerShows() throws IOException {
    ServerMetrics metrics = new ServerMetrics();
    metrics.sockets(() -> new ServerStats(1, 2, 1, 4, 5, 6, 7, 8, 9, 10));
    metrics.flows(List::of);
    metrics.auditLosses(() -> 0);
    metrics.storageSize(() -> 0);
    StringBuilder page = new StringBuilder(HEAD);
    metrics.families().stream().map(ServerMetricsPageTest::row).sorted().forEach(page::append);
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(PAGE, page);
    }
    assertEquals(page.toString(), Files.readString(PAGE));
  }

  private static String row(MetricSnapshot family) {
    String name = family.getMetadata().getPrometheusName();
    return switch (family) {
      case CounterSnapshot _ -> row(name + "_total", "counter", family);
      case HistogramSnapshot _ -> row(name, "histogram", family);
      case GaugeSnapshot _ -> row(name, "gauge", family);
      default -> throw new IllegalStateException("no type for " + family);
    };
  }

  private static String row(String name, String type, MetricSnapshot family) {
    return "| `" + name + "` | " + type + " | " + family.getMetadata().getHelp() + " |\n";
  }
}
