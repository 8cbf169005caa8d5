package dev.otherix.ctl.replica;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.node.ObjectNode;

/// Creates objects and counts up in one that all writers share, without a pause, and notes what it
/// was told. One platform thread.
final class ChaosWriter implements AutoCloseable {
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");
  private static final ObjectKey COUNTER = new ObjectKey("default", "counter");

  private final String name;
  private final CounterHistory history;
  private final ApiClient client;
  private final Thread thread;
  private final Set<String> acknowledged = new ConcurrentSkipListSet<>();
  private final AtomicLong increments = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong longestGap = new AtomicLong();
  private volatile boolean stopped;
  private long lastNanos = System.nanoTime();

  /// Begins at once.
  ///
  /// @param history of the counter, shared by all
  ChaosWriter(String name, ApiClient client, CounterHistory history) {
    this.name = name;
    this.history = history;
    this.client = client;
    this.thread = Thread.ofPlatform().name(name).daemon().start(this::run);
  }

  Set<String> acknowledged() {
    return acknowledged;
  }

  /// That it was told of.
  long increments() {
    return increments.get();
  }

  /// Whose outcome it does not know.
  long unknownIncrements() {
    return unknown.get();
  }

  Duration longestGap() {
    return Duration.ofNanos(longestGap.get());
  }

  private static ObjectNode map(String name) {
    return Json.parseObject(
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"namespace": "default", "name": "%s"}, "data": {"count": "0"}}
        """
            .formatted(name));
  }

  static long counter(ApiClient client) throws InterruptedException {
    return Long.parseLong(client.resource(MAPS).get(COUNTER).at("/data/count").asString());
  }

  private void run() {
    ResourceClient maps = client.resource(MAPS);
    try {
      for (int i = 0; !stopped; i++) {
        try {
          String next = name + "-" + i;
          maps.create(map(next));
          acknowledged.add(next);
          noteGap();
        } catch (ApiException | ConnectionException _) {
          // Nobody was told that it is there.
          Thread.onSpinWait();
        }
        increment(maps);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void noteGap() {
    long now = System.nanoTime();
    longestGap.accumulateAndGet(now - lastNanos, Math::max);
    lastNanos = now;
  }

  private void increment(ResourceClient maps) throws InterruptedException {
    ObjectNode present;
    long began = System.nanoTime();
    try {
      present = maps.find(COUNTER).orElse(null);
      if (present != null) {
        history.add(false, Long.parseLong(present.at("/data/count").asString()), began);
      }
      if (present == null) {
        maps.create(map("counter"));
        return;
      }
    } catch (ApiException | ConnectionException _) {
      return;
    }
    long count = Long.parseLong(present.at("/data/count").asString()) + 1;
    present.withObjectProperty("data").put("count", Long.toString(count));
    began = System.nanoTime();
    try {
      maps.update(present);
      history.add(true, count, began);
      increments.incrementAndGet();
    } catch (ApiException e) {
      boolean surelyNot =
          e.is(StatusReason.CONFLICT)
              || e.code() == StatusReason.TOO_MANY_REQUESTS.code()
              || e.code() == StatusReason.SERVICE_UNAVAILABLE.code();
      unknown.addAndGet(surelyNot ? 0 : 1);
    } catch (ConnectionException e) {
      unknown.addAndGet(e.outcomeUnknown() ? 1 : 0);
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
