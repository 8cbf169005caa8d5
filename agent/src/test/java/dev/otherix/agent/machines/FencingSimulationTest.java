package dev.otherix.agent.machines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.AgentCluster;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.images.ImageStore;
import dev.otherix.agent.pools.Pools;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.agent.state.RecordStore;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.cluster.ClusterRules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/// Two nodes, one machine, and everything that can happen between them and the server, in one
/// thread, by seed: partitions, answers that are lost or late, old copies, clocks that run at
/// different speeds, a control plane that stops in the midst of a recovery. The nodes' side is the
/// agent's own [Fence] and [Promise] against a real server; the control plane's steps are those of
/// `FencedRecovery`, one by one.
@Tag("slow")
final class FencingSimulationTest {
  private static final GroupVersionResource LEASES =
      new GroupVersionResource("coordination.k8s.io", "v1", "leases");
  private static final ObjectKey WEB = ObjectKey.clusterScoped("web");
  private static final int LIMIT = 60;
  private static final int SEEDS = 40;
  private static final int STEPS = 400;

  /// What is left out of the protocol.
  enum Broken {
    NOTHING,
    WAIT,
    LOOK_AT_LEASE_AGAIN,
    CLAIM
  }

  @TempDir private Path temp;
  private AgentCluster cluster;
  private ResourceClient vms;
  private ResourceClient leases;
  private Path image;
  private final List<RecordStore> stores = new ArrayList<>();
  private int recoveries;

  @BeforeEach
  void start() throws Exception {
    cluster = new AgentCluster();
    cluster.nodesNamespace();
    vms = cluster.resource("vms");
    leases = cluster.client().resource(LEASES);
    image = Files.write(temp.resolve("a.img"), new byte[1]);
  }

  @AfterEach
  void stop() {
    stores.forEach(RecordStore::close);
    cluster.close();
  }

  @Test
  void protocol_whole_neverRunsTwoCopies() throws Exception {
    for (int seed = 0; seed < SEEDS; seed++) {
      assertEquals("", new Walk(seed, Broken.NOTHING).run());
    }
    assertTrue(recoveries > SEEDS, "only " + recoveries + " recoveries happened");
  }

  @ParameterizedTest
  @EnumSource(names = "NOTHING", mode = EnumSource.Mode.EXCLUDE)
  void protocol_withoutOneOfItsParts_isCaught(Broken broken) throws Exception {
    for (int seed = 0; seed < 10 * SEEDS; seed++) {
      if (!new Walk(seed, broken).run().isEmpty()) {
        return;
      }
    }
    throw new AssertionError("no seed shows that " + broken + " is missing");
  }

  private final class Host {
    final String name;
    final double speed;
    final TestUptime uptime = new TestUptime();
    final Fence fence;
    final Shared shared;
    boolean partitioned;
    boolean runs;
    ObjectNode copy;
    MachineRecord record;
    String seenVersion = "";
    long seenSince;

    Host(String name, double speed, Path folder, ObjectNode vm) throws Exception {
      this.name = name;
      this.speed = speed;
      Files.createDirectories(folder);
      fence = Fence.open(folder, uptime, () -> LIMIT, () -> true);
      RecordStore records = RecordStore.open(folder.resolve("vms"));
      stores.add(records);
      Informer none = new Informer(cluster.resource("storagepools"), InformerOptions.ALL);
      shared =
          new Shared(
              new ServerView(cluster.client(), name),
              new SimulatedHypervisor(),
              "amd64",
              records,
              ImageStore.open(
                  folder.resolve("images"), ImageLimits.DEFAULT, InstantSource.system()),
              new Pools(name, none, none),
              NicAttachment.NONE,
              fence,
              Pause.real(),
              InstantSource.system(),
              new Random(1));
      copy = vm;
      record = MachineRecord.fresh(vm.at("/metadata/uid").asString(""), "web").fencedAfter(LIMIT);
    }

    ObjectKey lease() {
      return new ObjectKey("otherix-nodes", name);
    }

    boolean isBound() {
      return copy.at("/spec/nodeName").asString("").equals(name);
    }
  }

  /// The control plane in the midst of taking the machine from a node.
  private record Recovery(Host from, ObjectNode vm, String lease, boolean looked) {}

  private final class Walk {
    private final Random random;
    private final Broken broken;
    private final String title;
    private final List<Host> hosts = new ArrayList<>();
    private long seconds;
    private @Nullable Recovery recovery;
    private String violation = "";

    Walk(int seed, Broken broken) throws Exception {
      this.random = new Random(seed);
      this.broken = broken;
      this.title = "seed " + seed + " without " + broken;
      if (vms.find(WEB).isPresent()) {
        vms.mergePatch(WEB, "", Json.parseObject("{\"metadata\": {\"finalizers\": null}}"));
        vms.find(WEB).ifPresent(_ -> delete());
      }
      cluster.vm("web", image, "\"recovery\": \"Recreate\",");
      Path folder = temp.resolve(broken + "-" + seed);
      for (String name : List.of("n1", "n2")) {
        double speed = 0.99 + random.nextDouble() * 0.02;
        Host host = new Host(name, speed, folder.resolve(name), vms.get(WEB));
        hosts.add(host);
        renew(host);
      }
    }

    private void delete() {
      try {
        vms.delete(WEB, DeleteOptions.DEFAULT);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    String run() throws Exception {
      for (int step = 0; step < STEPS && violation.isEmpty(); step++) {
        Host host = hosts.get(random.nextInt(hosts.size()));
        switch (random.nextInt(10)) {
          case 0, 1 -> pass(1 + random.nextInt(12));
          case 2 -> host.partitioned = random.nextInt(3) == 0;
          case 3 -> renew(host);
          case 4 -> follow(host);
          case 5, 6 -> launch(host);
          case 7, 8 -> recover(host);
          default -> bind(host);
        }
        if (random.nextInt(40) == 0) {
          host.partitioned = true;
          pass(50 + random.nextInt(60));
        }
      }
      return violation;
    }

    /// Second by second, as the fence looks.
    private void pass(int howLong) {
      for (int i = 0; i < howLong; i++) {
        seconds++;
        for (Host each : hosts) {
          each.uptime.advance(Duration.ofMillis((long) (1000 * each.speed)));
          each.runs &= each.fence.allows(LIMIT);
        }
        look();
      }
    }

    private void look() {
      if (hosts.stream().allMatch(each -> each.runs)) {
        violation = title + ": two copies run at second " + seconds;
      }
    }

    private void renew(Host host) throws Exception {
      Duration begun = host.fence.now();
      if (host.partitioned) {
        return;
      }
      pass(random.nextInt(4) == 0 ? random.nextInt(30) : 0);
      String now = "2026-01-01T00:00:00.%06dZ".formatted(seconds);
      ObjectNode lease =
          Json.parseObject(
              """
              {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
               "metadata": {"name": "%s", "namespace": "otherix-nodes"},
               "spec": {"holderIdentity": "%s", "renewTime": "%s"}}
              """
                  .formatted(host.name, title + random.nextInt(), now));
      leases.apply(lease);
      if (random.nextInt(8) != 0) {
        host.fence.renewed(begun);
      }
    }

    private void follow(Host host) throws Exception {
      if (!host.partitioned) {
        host.copy = vms.get(WEB);
      }
    }

    private void launch(Host host) throws Exception {
      if (host.runs || host.partitioned || !host.isBound()) {
        return;
      }
      int life = host.copy.at("/spec/incarnation").asInt(0);
      if (life > host.record.incarnation()) {
        host.record = host.record.in("/disks", life);
      }
      KeptRecord kept = new KeptRecord(host.shared.records(), host.record, true);
      boolean may =
          broken == Broken.CLAIM
              ? host.fence.allows(host.record.fencedAfterSeconds())
              : new Promise(kept, host.shared, host.name).mayLaunch(Wanted.of(host.copy));
      if (may) {
        pass(random.nextInt(2));
        host.runs = host.fence.allows(LIMIT);
        look();
      }
    }

    /// One step of it.
    private void recover(Host host) throws Exception {
      Recovery present = recovery;
      if (present == null) {
        begin(host);
      } else if (!present.looked && broken != Broken.LOOK_AT_LEASE_AGAIN) {
        boolean silent = version(leases.get(present.from.lease())).equals(present.lease);
        recovery = silent ? new Recovery(present.from, present.vm, present.lease, true) : null;
      } else {
        recovery = null;
        unbind(present.vm);
      }
    }

    private void begin(Host host) throws Exception {
      ObjectNode vm = vms.get(WEB);
      // What is seen of the lease may be old: only now and then does the control plane look.
      String version = random.nextInt(3) == 0 ? version(leases.get(host.lease())) : "";
      if (!version.isEmpty() && !version.equals(host.seenVersion)) {
        host.seenVersion = version;
        host.seenSince = seconds;
      }
      long wait = broken == Broken.WAIT ? 20 : LIMIT + ClusterRules.FENCE_MARGIN.toSeconds();
      if (vm.at("/spec/nodeName").asString("").equals(host.name)
          && !host.seenVersion.isEmpty()
          && seconds - host.seenSince >= wait) {
        recovery = new Recovery(host, vm, host.seenVersion, false);
      }
    }

    private static String version(ObjectNode object) {
      return object.at("/metadata/resourceVersion").asString("");
    }

    private void unbind(ObjectNode vm) throws Exception {
      ObjectNode patch =
          Json.parseObject(
              """
              {"metadata": {"resourceVersion": "%s"},
               "spec": {"nodeName": null, "incarnation": %d}}
              """
                  .formatted(version(vm), vm.at("/spec/incarnation").asInt(0) + 1));
      if (written(patch)) {
        recoveries++;
      }
    }

    private void bind(Host host) throws Exception {
      ObjectNode vm = vms.get(WEB);
      if (!vm.path("spec").has("nodeName")) {
        assertTrue(
            written(Json.parseObject("{\"spec\": {\"nodeName\": \"%s\"}}".formatted(host.name))));
      }
    }

    private boolean written(ObjectNode patch) throws Exception {
      try {
        vms.mergePatch(WEB, "", patch);
        return true;
      } catch (ApiException e) {
        if (!e.is(StatusReason.CONFLICT)) {
          throw e;
        }
        return false;
      }
    }
  }
}
