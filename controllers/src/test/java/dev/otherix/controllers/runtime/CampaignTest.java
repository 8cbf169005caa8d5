package dev.otherix.controllers.runtime;

import static dev.otherix.controllers.TestCluster.CONFIG_MAPS;
import static dev.otherix.controllers.TestCluster.PATIENCE;
import static dev.otherix.controllers.TestCluster.configMap;
import static dev.otherix.controllers.TestCluster.key;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.ShiftedClock;
import dev.otherix.controllers.TestCluster;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// Hosts of several processes on one server, of which one works.
@Tag("slow")
final class CampaignTest {
  private static final ObjectKey LEASE = new ObjectKey("kube-system", "campaign-test");
  private static final LeaderElection.Times SHORT =
      new LeaderElection.Times(Duration.ofSeconds(2), Duration.ofMillis(1200));

  private final TestCluster cluster;
  private final ResourceClient maps;
  private final List<String> worked = new CopyOnWriteArrayList<>();
  private final Set<String> broken = ConcurrentHashMap.newKeySet();

  CampaignTest() throws Exception {
    cluster = new TestCluster();
    maps = cluster.configMaps();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private ControllerHost host(String name, InstantSource clock, Reconciler<ObjectKey> reconciler) {
    Candidacy candidacy = new Candidacy(LEASE, name, SHORT, false);
    ControllerHost host =
        new ControllerHost(cluster.client(), clock, new Random(1)).withLeaderElection(candidacy);
    Controller.watching(
        host.controller("test", reconciler, 2), host.informer(CONFIG_MAPS), (_, _) -> true);
    return host;
  }

  /// Notes who worked on what.
  private ControllerHost noting(String name) {
    return host(
        name,
        InstantSource.system(),
        key -> {
          worked.add(name + " " + key.name());
          return Result.DONE;
        });
  }

  private void awaitWorked(String what) {
    await().atMost(PATIENCE).until(() -> worked.contains(what));
  }

  @Test
  void twoHosts_oneWorks_theOtherTakesOverAtOnceWhenItEnds() throws InterruptedException {
    try (ControllerHost second = noting("b")) {
      try (ControllerHost first = noting("a")) {
        first.start();
        await().atMost(PATIENCE).until(first::leads);
        second.start();
        maps.create(configMap("one"));
        awaitWorked("a one");
        await().atMost(PATIENCE).until(() -> second.stats().getFirst().synced());
        assertFalse(second.leads());
        assertTrue(second.isHealthy(), "who waits is not broken");
        assertFalse(worked.contains("b one"));
      }
      maps.create(configMap("two"));
      awaitWorked("b two");
      // What changed before it led it looks at too.
      awaitWorked("b one");
      assertFalse(worked.contains("a two"));
    }
  }

  @Test
  void workersOfTwoHosts_neverWorkAtOnce_whateverHappensToTheLease() throws Exception {
    CountDownLatch enough = new CountDownLatch(60);
    try (ControllerHost first = host("a", InstantSource.system(), counting("a", enough));
        ControllerHost second = host("b", InstantSource.system(), counting("b", enough))) {
      first.start();
      second.start();
      ResourceClient leases =
          cluster
              .client()
              .resource(new GroupVersionResource("coordination.k8s.io", "v1", "leases"));
      for (int i = 0; enough.getCount() > 0; i++) {
        maps.apply(touched(i));
        if (i % 20 == 19 && leases.find(LEASE).isPresent()) {
          // Somebody takes it from the leader, who hears of it when it renews.
          await().atMost(PATIENCE).until(() -> first.leads() || second.leads());
          leases.mergePatch(
              LEASE, "", Json.parseObject("{\"spec\":{\"holderIdentity\":\"thief\"}}"));
          await().atMost(PATIENCE).until(() -> !first.leads() && !second.leads());
        }
      }
    }
    assertEquals(Set.of(), broken);
  }

  private Reconciler<ObjectKey> counting(String name, CountDownLatch enough) {
    return key -> {
      // Each host has up to two workers; a marker of the other host must not be seen.
      worked.add(name);
      String other = name.equals("a") ? "b" : "a";
      try {
        maps.find(key);
        if (worked.contains(other)) {
          broken.add(key.name());
        }
      } finally {
        worked.remove(name);
        enough.countDown();
      }
      return Result.DONE;
    };
  }

  private static ObjectNode touched(int i) {
    ObjectNode map = configMap("map" + i % 10);
    map.putObject("data").put("touched", Integer.toString(i));
    return map;
  }

  @Test
  void formerLeader_cannotWrite_fromTheVeryMomentOn() throws InterruptedException {
    ShiftedClock clock = new ShiftedClock();
    CountDownLatch inWork = new CountDownLatch(1);
    CountDownLatch mayWrite = new CountDownLatch(1);
    List<Exception> failures = new CopyOnWriteArrayList<>();
    ResourceClient[] fenced = new ResourceClient[1];
    try (ControllerHost host =
        host(
            "a",
            clock,
            key -> {
              inWork.countDown();
              awaitDeaf(mayWrite);
              try {
                fenced[0].create(configMap("late"));
              } catch (ConnectionException e) {
                failures.add(e);
                throw e;
              }
              return Result.DONE;
            })) {
      fenced[0] = host.client().resource(CONFIG_MAPS);
      host.start();
      maps.create(configMap("one"));
      assertTrue(inWork.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      clock.advance(Duration.ofHours(1));
      assertThrows(ConnectionException.class, () -> fenced[0].create(configMap("late")));
      mayWrite.countDown();
      await().atMost(PATIENCE).until(() -> !failures.isEmpty() || cluster.exists(key("late")));
      await().atMost(PATIENCE).until(host::leads);
      // It leads again, and the key comes again: nothing was lost.
      await().atMost(PATIENCE).until(() -> cluster.exists(key("late")));
    }
  }

  /// A worker that does not listen to interrupts.
  private static void awaitDeaf(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void leaseOfTheDead_isTakenAtOnce_byWhoKnowsToBeAlone() throws InterruptedException {
    // Nobody renews while the host closes: what the lease holds then would be known to nobody.
    LeaderElection.Times times = new LeaderElection.Times(Duration.ofHours(2), Duration.ofHours(1));
    new LeaderElection(
            cluster.client(), LEASE, "dead", times, InstantSource.system(), System::nanoTime)
        .step();
    Candidacy alone = new Candidacy(LEASE, "a", times, false).withNobodyElse();
    try (ControllerHost host =
        new ControllerHost(cluster.client(), InstantSource.system(), new Random(1))
            .withLeaderElection(alone)) {
      host.start();
      await().atMost(PATIENCE).until(host::leads);
    }
    ResourceClient leases =
        cluster.client().resource(new GroupVersionResource("coordination.k8s.io", "v1", "leases"));
    assertEquals("", leases.get(LEASE).at("/spec/holderIdentity").asString(), "released");
  }
}
