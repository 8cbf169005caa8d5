package dev.otherix.bench.controlplane;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.MicroTime;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.cluster.OtherixResources;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The agents of many nodes, each with its own watch of what is bound to it. They report once and
/// note when they hear of a machine.
final class Agents implements AutoCloseable {
  private static final Duration SYNC_MAX = Duration.ofSeconds(60);

  static final Duration EVERY = Duration.ofSeconds(10);

  private final ApiClient client;
  private @Nullable Thread heart;
  private volatile int started;
  private final List<Informer> informers = new ArrayList<>();

  /// By machine: when an agent first saw it bound, and the power state it last saw with the time.
  final Map<String, Long> bound = new ConcurrentHashMap<>();

  final Map<String, Seen> power = new ConcurrentHashMap<>();

  private volatile Round round = new Round("", new CountDownLatch(0));

  private record Round(String prefix, CountDownLatch open) {}

  record Seen(String state, long nanos) {}

  Agents(ApiClient client) {
    this.client = client;
  }

  /// They beat from then on until they are closed.
  void start(int nodes) throws InterruptedException {
    heart = Thread.ofVirtual().start(this::beatAll);
    for (int i = 0; i < nodes; i++) {
      start("node-" + i);
      started = i + 1;
    }
    for (Informer each : informers) {
      if (!each.awaitSynced(SYNC_MAX)) {
        throw new IllegalStateException("an agent's watch did not begin");
      }
    }
  }

  /// Each node once in [#EVERY], one after the other.
  private void beatAll() {
    try {
      while (true) {
        int nodes = started;
        for (int i = 0; i < nodes; i++) {
          beat("node-" + i);
          Thread.sleep(EVERY.dividedBy(nodes));
        }
        if (nodes == 0) {
          Thread.sleep(1);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void start(String name) throws InterruptedException {
    client
        .resource(OtherixResources.NODES)
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Node", "metadata": {"name": "%s"},
                 "spec": {"arch": "amd64"}}
                """
                    .formatted(name)));
    beat(name);
    client
        .resource(OtherixResources.NODES)
        .mergePatch(
            OtherixResources.key(name),
            "status",
            Json.parseObject(
                """
                {"status": {"capacity": {"cpuCores": 512, "memoryMiB": 1048576},
                 "available": {"memoryMiB": 1000000},
                 "networks": [{"name": "lab", "ready": true}],
                 "pools": [{"name": "default", "capacityBytes": 4398046511104,
                            "availableBytes": 4398046511104}]}}
                """));
    Informer informer =
        new Informer(
            client.resource(OtherixResources.VMS),
            InformerOptions.ALL.withSelectors("", "spec.nodeName=" + name));
    informer.addHandler(
        name,
        (key, _, after) -> {
          if (after != null) {
            long now = System.nanoTime();
            Round present = round;
            if (bound.putIfAbsent(key.name(), now) == null
                && key.name().startsWith(present.prefix())) {
              present.open().countDown();
            }
            String state = after.at("/spec/powerState").asString("");
            power.compute(
                key.name(),
                (_, old) -> old != null && old.state().equals(state) ? old : new Seen(state, now));
          }
        });
    informer.start();
    informers.add(informer);
  }

  /// From now on, machines whose names begin so are counted.
  ///
  /// @return opens when so many of them were heard of
  CountDownLatch expect(String prefix, int machines) {
    Round next = new Round(prefix, new CountDownLatch(machines));
    round = next;
    return next.open();
  }

  /// Renews or makes a node's lease.
  void beat(String name) throws InterruptedException {
    ResourceClient leases = client.resource(OtherixResources.LEASES);
    ObjectKey key = new ObjectKey(OtherixResources.NODE_LEASES, name);
    ObjectNode lease =
        Json.parseObject(
            """
            {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
             "metadata": {"name": "%s", "namespace": "%s"},
             "spec": {"holderIdentity": "node-%s", "leaseDurationSeconds": 40, "renewTime": "%s"}}
            """
                .formatted(name, key.namespace(), name, MicroTime.now(InstantSource.system())));
    try {
      leases.mergePatch(key, "", lease);
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
      leases.create(lease);
    }
  }

  @Override
  public void close() {
    if (heart != null) {
      heart.interrupt();
    }
    informers.forEach(Informer::close);
  }
}
