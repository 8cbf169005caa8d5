package dev.otherix.apiserver.metrics;

import dev.otherix.apiserver.watchcache.CacheStats;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/// What the watch caches count themselves, read when somebody asks for the metrics.
final class CacheMetrics {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double[] WAIT_SECONDS = {
    .005, .025, .05, .1, .2, .4, .6, .8, 1, 1.25, 1.5, 2, 3
  };

  private final ConcurrentMap<String, Supplier<CacheStats>> caches = new ConcurrentHashMap<>();
  private final PrometheusRegistry registry;
  private final Histogram waits;

  CacheMetrics(PrometheusRegistry registry) {
    this.registry = registry;
    gauge("apiserver_storage_objects", "Objects of a resource.", CacheStats::objects);
    gauge("apiserver_resource_objects", "Objects of a resource.", CacheStats::objects);
    gauge("apiserver_resource_bytes", "Bytes of a resource's objects.", CacheStats::bytes);
    gauge("apiserver_watch_cache_capacity", "Changes that are kept.", CacheStats::ringCapacity);
    gauge(
        "apiserver_watch_cache_resource_version",
        "The revision up to which a cache has come.",
        CacheStats::revision);
    gauge("otherix_watch_cache_watchers", "Open watches.", CacheStats::watchers);
    gauge("otherix_watch_cache_ring_bytes", "Bytes of former items.", CacheStats::ringBytes);
    counter(
        "apiserver_watch_cache_initializations_total",
        "How often a cache loaded everything again.",
        CacheStats::reloads);
    counter(
        "apiserver_terminated_watchers_total",
        "Watches that were ended because they could not go on.",
        CacheStats::expired);
    counter(
        "otherix_watch_cache_waits_total",
        "Reads that waited for a fresh state.",
        CacheStats::waits);
    counter(
        "otherix_watch_cache_store_reads_total",
        "Reads that the store answered.",
        CacheStats::storeReads);
    counter(
        "apiserver_watch_cache_events_received_total",
        "Changes that the store told.",
        CacheStats::received);
    counter(
        "apiserver_watch_cache_events_dispatched_total",
        "Changes published to watches; at once, so as many as received.",
        CacheStats::received);
    gauge("etcd_bookmark_counts", "Progress that the store told.", CacheStats::progress);
    CounterWithCallback.builder()
        .name("apiserver_watch_cache_consistent_read_total")
        .help("Reads of the state as it is now, and whether memory could answer them.")
        .labelNames("resource", "success", "fallback")
        .callback(each ->
            caches.forEach((resource, stats) -> {
              CacheStats.Consistent reads = stats.get().consistent();
              each.call((double) reads.fromMemory(), resource, "true", "false");
              each.call((double) reads.fromStore(), resource, "false", "true");
            }))
        .register(registry);
    waits =
        RequestMetrics.histogram(
            registry,
            "apiserver_watch_cache_read_wait_seconds",
            "How long reads waited for a fresh state that had to.",
            WAIT_SECONDS,
            "resource");
    String lists = "apiserver_storage_list_";
    counter(lists + "total", "Lists.", stats -> stats.lists().total());
    counter(
        lists + "fetched_objects_total",
        "Objects that the store had to read for lists.",
        stats -> stats.lists().fetched());
    counter(
        lists + "evaluated_objects_total",
        "Objects that were looked at for lists.",
        stats -> stats.lists().evaluated());
    counter(
        lists + "returned_objects_total",
        "Objects in the answers to lists.",
        stats -> stats.lists().returned());
  }

  LongConsumer add(String resource, Supplier<CacheStats> stats) {
    caches.put(resource, stats);
    DistributionDataPoint seconds = waits.labelValues(resource);
    return nanos -> seconds.observe(nanos / NANOS_PER_SECOND);
  }

  void remove(String resource) {
    caches.remove(resource);
    waits.remove(resource);
  }

  private void gauge(String name, String help, ToLongFunction<CacheStats> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("resource")
        .callback(each ->
            caches.forEach(
                (resource, stats) -> each.call((double) value.applyAsLong(stats.get()), resource)))
        .register(registry);
  }

  private void counter(String name, String help, ToLongFunction<CacheStats> value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("resource")
        .callback(each ->
            caches.forEach(
                (resource, stats) -> each.call((double) value.applyAsLong(stats.get()), resource)))
        .register(registry);
  }
}
