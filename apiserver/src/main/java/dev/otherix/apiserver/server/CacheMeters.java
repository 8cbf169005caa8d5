package dev.otherix.apiserver.server;

import dev.otherix.apiserver.metrics.ServerMetrics;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.trace.Spans;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/// Shows the watch caches of what is served in the metrics. Follows the resources.
final class CacheMeters {
  private final Resources resources;
  private final ServerMetrics metrics;

  /// Guarded by this object.
  private final Set<String> shown = new HashSet<>();

  CacheMeters(Resources resources, ServerMetrics metrics) {
    this.resources = resources;
    this.metrics = metrics;
    refresh();
    resources.onChange(this::refresh);
  }

  private synchronized void refresh() {
    Set<String> served = new HashSet<>();
    for (Resource resource : resources.all()) {
      served.add(resource.toString());
      LongConsumer waited = metrics.addCache(resource.toString(), resource.cache()::stats);
      resource
          .cache()
          .tellWaits(nanos -> {
            waited.accept(nanos);
            Spans.ended("wait for the cache", nanos);
          });
    }
    for (String gone : shown) {
      if (!served.contains(gone)) {
        metrics.removeCache(gone);
      }
    }
    shown.clear();
    shown.addAll(served);
  }
}
