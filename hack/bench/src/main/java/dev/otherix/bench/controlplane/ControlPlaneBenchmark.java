package dev.otherix.bench.controlplane;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apiserver.admission.Admission;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.RocksOptions;
import dev.otherix.apiserver.storage.RocksStorage;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.gc.GarbageCollector;
import dev.otherix.controllers.plane.ControlPlane;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.schemas.Schemas;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.node.ObjectNode;

/// A server on its embedded store with all controllers, and simulated agents, in one process:
/// machines from create to bound and heard of by their agents, and how long a change takes to reach
/// its agent. Prints one line of a table per figure.
public final class ControlPlaneBenchmark {
  private static final int CLIENTS = 32;
  private static final int ROUNDS = 5;
  private static final int CHANGES = 500;

  /// Machines made before it is measured: the JVM compiles what it is to run.
  private static final int WARM_UP = 8000;

  private static final Duration WINDOW = Duration.ofSeconds(5);
  private static final Duration CALM_MAX = Duration.ofMinutes(5);
  private static final Duration STEADY = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private ControlPlaneBenchmark() {}

  /// @param args a folder, the number of nodes, the number of machines
  public static void main(String[] args) throws Exception {
    row("decisions among 1000 nodes, 20000 machines, one thread", Decisions.perSecond(), "per s");
    Path folder = Files.createTempDirectory(Path.of(args[0]), "control-plane");
    int nodes = Integer.parseInt(args[1]);
    int machines = Integer.parseInt(args[2]);
    InProcessIdentity identity = new InProcessIdentity(Caller.of("bench", List.of(Caller.MASTERS)));
    ControlPlane plane = new ControlPlane(InstantSource.system());
    ApiServerOptions options =
        ApiServerOptions.of(RocksStorage.open(RocksOptions.in(folder)), Schemas.kinds())
            .withAuthenticators(List.of(identity))
            .withActions(plane.actions())
            .withAdmission(plane.admission(Admission.NONE));
    try (ApiServer server = ApiServer.start(options);
        ApiClient client =
            new ApiClient(
                new InProcessTransport(server.handler(), identity), ClientOptions.of("bench"));
        ControllerHost host =
            new ControllerHost(client, InstantSource.system(), new SecureRandom())) {
      plane.connect(client);
      ControlPlane.addControllers(host);
      GarbageCollector.startOn(host);
      host.start();
      try (Agents agents = new Agents(client)) {
        measure(client, agents, nodes, machines);
      }
    }
  }

  private static void measure(ApiClient client, Agents agents, int nodes, int machines)
      throws Exception {
    prepare(client);
    agents.start(nodes);
    ResourceClient pools = client.resource(OtherixResources.POOLS);
    awaitTrue(() ->
        pools
            .find(OtherixResources.key("default"))
            .map(each -> each.at("/status/instances").size() == nodes)
            .orElse(false));
    ResourceClient vms = client.resource(OtherixResources.VMS);
    warmUp(vms, agents);
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      rounds.add(round(vms, agents, "vm" + i + "-", machines));
    }
    String what = machines + " machines on " + nodes + " nodes";
    row(what + ", created", median(rounds, Round::createdPerSecond), "per s");
    row(what + ", created, bound and heard of", median(rounds, Round::perSecond), "per s");
    row("the same, slowest round", min(rounds, Round::perSecond), "per s");
    row("the same, fastest round", max(rounds, Round::perSecond), "per s");
    row("processor time for each, all parts", median(rounds, Round::processorMillis), "ms");
    row("writes for each", median(rounds, Round::writes), "");
    row("create to agent, median", median(rounds, Round::medianMillis), "ms");
    row("create to agent, 99th percentile", median(rounds, Round::slowMillis), "ms");
    changes(vms, agents, machines);
    calm(vms, nodes);
    steady(vms);
    row("heap after it all", heapMiB(), "MiB");
  }

  /// What one burst of machines took, and what each of them cost.
  private record Round(
      double createdPerSecond,
      double perSecond,
      double processorMillis,
      double writes,
      double medianMillis,
      double slowMillis) {}

  private static Round round(ResourceClient vms, Agents agents, String prefix, int machines)
      throws Exception {
    CountDownLatch heardOf = agents.expect(prefix, machines);
    long revisionBefore = revision(vms);
    long processorBefore = processorNanos();
    long[] created = new long[machines];
    long begin = System.nanoTime();
    inParallel(
        machines,
        i -> {
          created[i] = System.nanoTime();
          vms.create(vm(prefix + i));
        });
    long allCreated = System.nanoTime();
    await(heardOf);
    long processor = processorNanos() - processorBefore;
    long[] each = new long[machines];
    long last = begin;
    for (int i = 0; i < machines; i++) {
      long heard = agents.bound.getOrDefault(prefix + i, Long.MAX_VALUE);
      each[i] = heard - created[i];
      last = Math.max(last, heard);
    }
    return new Round(
        machines / ((allCreated - begin) / 1e9),
        machines / ((last - begin) / 1e9),
        processor / 1e6 / machines,
        (revision(vms) - revisionBefore) / (double) machines,
        percentile(each, 50),
        percentile(each, 99));
  }

  private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
    return rounds.stream()
        .mapToDouble(figure)
        .sorted()
        .skip(rounds.size() / 2)
        .findFirst()
        .orElseThrow();
  }

  private static double min(List<Round> rounds, ToDoubleFunction<Round> figure) {
    return rounds.stream().mapToDouble(figure).min().orElseThrow();
  }

  private static double max(List<Round> rounds, ToDoubleFunction<Round> figure) {
    return rounds.stream().mapToDouble(figure).max().orElseThrow();
  }

  private static void warmUp(ResourceClient vms, Agents agents) throws Exception {
    CountDownLatch heardOf = agents.expect("warm-", WARM_UP);
    inParallel(WARM_UP, i -> vms.create(vm("warm-" + i)));
    await(heardOf);
  }

  private static void await(CountDownLatch heardOf) throws InterruptedException {
    if (!heardOf.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(heardOf.getCount() + " machines not heard of");
    }
  }

  private static long revision(ResourceClient vms) throws InterruptedException {
    return Long.parseLong(vms.list(ListOptions.ALL.withLimit(1)).resourceVersion());
  }

  private static long processorNanos() {
    return ProcessHandle.current()
        .info()
        .totalCpuDuration()
        .map(Duration::toNanos)
        .orElseThrow(() -> new IllegalStateException("this system does not tell processor time"));
  }

  /// One change at a time, as people make them.
  private static void changes(ResourceClient vms, Agents agents, int machines) throws Exception {
    long[] took = new long[CHANGES];
    for (int i = 0; i < CHANGES; i++) {
      String name = "vm0-" + i * 7 % machines;
      String wanted = i / machines % 2 == 0 ? "Stopped" : "Running";
      ObjectNode patch = Json.parseObject("{\"spec\": {\"powerState\": \"" + wanted + "\"}}");
      long begin = System.nanoTime();
      vms.mergePatch(OtherixResources.key(name), "", patch);
      awaitTrue(() -> {
        Agents.Seen seen = agents.power.get(name);
        return seen != null && seen.state().equals(wanted);
      });
      Agents.Seen seen = agents.power.get(name);
      took[i] = seen == null ? 0 : Math.max(0, seen.nanos() - begin);
    }
    row("change to agent, median", percentile(took, 50), "ms");
    row("change to agent, 99th percentile", percentile(took, 99), "ms");
  }

  /// Waits until what the load left to do is done: until hardly more is written than heartbeats.
  private static void calm(ResourceClient vms, int nodes) throws InterruptedException {
    double beats = nodes / (double) Agents.EVERY.toSeconds();
    long begin = System.nanoTime();
    double writes = Double.MAX_VALUE;
    while (writes > 1.2 * beats + 1 && System.nanoTime() - begin < CALM_MAX.toNanos()) {
      long before = revision(vms);
      Thread.sleep(WINDOW.toMillis());
      writes = (revision(vms) - before) / (double) WINDOW.toSeconds();
    }
    row("calm after", (System.nanoTime() - begin) / 1e9, "s");
  }

  /// Nothing happens but heartbeats.
  private static void steady(ResourceClient vms) throws InterruptedException {
    long processor = processorNanos();
    long revision = revision(vms);
    long begin = System.nanoTime();
    Thread.sleep(STEADY.toMillis());
    double seconds = (System.nanoTime() - begin) / 1e9;
    row("steady state, writes", (revision(vms) - revision) / seconds, "per s");
    row(
        "steady state, processor time",
        (processorNanos() - processor) / 1e7 / seconds,
        "% of one processor");
  }

  private static void prepare(ApiClient client) throws InterruptedException {
    client
        .resource(new GroupVersionResource("", "v1", "namespaces"))
        .create(
            Json.parseObject(
                """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "otherix-nodes"}}
                """));
    client
        .resource(OtherixResources.NETWORKS)
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Network", "metadata": {"name": "lab"},
                 "spec": {"type": "overlay", "subnet": "10.0.0.0/16"}}
                """));
  }

  private static ObjectNode vm(String name) {
    return Json.parseObject(
        """
        {"apiVersion": "otherix/v1", "kind": "VM", "metadata": {"name": "%s"},
         "spec": {"imageURL": "https://images/debian.qcow2", "arch": "amd64", "vcpus": 2,
                  "memoryMB": 2048, "diskGiB": 10, "network": "lab"}}
        """
            .formatted(name));
  }

  private interface Work {
    void run(int i) throws Exception;
  }

  private static void inParallel(int count, Work work) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int c = 0; c < CLIENTS; c++) {
        int first = c;
        all.add(
            threads.submit(() -> {
              for (int i = first; i < count; i += CLIENTS) {
                work.run(i);
              }
              return true;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  private interface Check {
    boolean holds() throws InterruptedException;
  }

  private static void awaitTrue(Check check) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!check.holds()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("it did not happen in " + PATIENCE);
      }
      Thread.sleep(1);
    }
  }

  private static double percentile(long[] nanos, int percent) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
  }

  private static double heapMiB() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / (double) (1 << 20);
  }

  private static void row(String what, double value, String unit) {
    System.out.printf(Locale.ROOT, "| %s | %.1f %s |%n", what, value, unit);
  }
}
