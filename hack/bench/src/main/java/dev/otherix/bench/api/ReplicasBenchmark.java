package dev.otherix.bench.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// As many servers as an etcd has members: durable creates through all of them next to raw puts
/// into the same etcd in the same rounds; gets and lists through one and through all, and what each
/// costs of the processors, which is what scales where servers share them. Prints rows of a table.
public final class ReplicasBenchmark implements AutoCloseable {
  private static final int STREAMS = 64;

  /// A server that has just begun is measured with its compiler.
  private static final int WARMING_ROUNDS = 6;

  private static final String NODE = "n1";
  private static final int LIST_STREAMS = 6;
  private static final int PAGE = 500;

  /// Of one processor, for a server that is to be the bottleneck.
  private static final double SHARE = 0.2;

  private final List<ServerProcess> servers = new ArrayList<>();
  private final List<H2Client> clients = new ArrayList<>();
  private final List<Widgets> widgets = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Path work;
  private final List<String> endpoints;
  private final List<Long> etcds;
  private final int rounds;
  private final long millis;

  private ReplicasBenchmark(
      Path work, List<String> endpoints, List<Long> etcds, int rounds, long millis) {
    this.work = work;
    this.endpoints = endpoints;
    this.etcds = etcds;
    this.rounds = rounds;
    this.millis = millis;
  }

  /// Launcher, folder, number of rounds, milliseconds of each, endpoints of the etcd, and the
  /// processes that it consists of.
  public static void main(String[] arguments) throws Exception {
    Path work = Files.createTempDirectory(Path.of(arguments[1]), "replicas-benchmark");
    List<String> endpoints = List.of(arguments[4].split(",", -1));
    List<Long> etcds = new ArrayList<>();
    for (String each : arguments[5].split(",", -1)) {
      etcds.add(Long.valueOf(each));
    }
    try (ReplicasBenchmark benchmark =
        new ReplicasBenchmark(
            work, endpoints, etcds, Integer.parseInt(arguments[2]), Long.parseLong(arguments[3]))) {
      benchmark.start(arguments[0]);
      benchmark.create();
      String widgets = Widgets.path(plural(0));
      // The first that was made, and a page of those that were.
      benchmark.read("gets by name", STREAMS, widgets + "/w0");
      benchmark.read("lists of " + PAGE + " objects", LIST_STREAMS, widgets + "?limit=" + PAGE);
      benchmark.readConfined(
          "lists of " + PAGE + " objects from memory",
          widgets + "?resourceVersion=0&limit=" + PAGE);
    }
  }

  private void start(String launcher) throws Exception {
    for (int i = 0; i < endpoints.size(); i++) {
      Path data = work.resolve("server" + i);
      if (i > 0) {
        Files.createDirectories(data.resolve("pki"));
        Files.copy(work.resolve("server0/pki/secrets.key"), data.resolve("pki/secrets.key"));
      }
      servers.add(
          new ServerProcess(
              List.of(
                  launcher,
                  "--data-dir=" + data,
                  "--port=0",
                  "--log-level=warn",
                  "--store=etcd",
                  "--etcd-endpoints=" + endpoints.get(i)),
              work.resolve("server" + i + ".log")));
    }
    // A server closes connections that say nothing for a while: they are opened when all are there.
    for (int i = 0; i < endpoints.size(); i++) {
      clients.add(Peers.to(work.resolve("server" + i + "/admin.kubeconfig"), 4));
      widgets.add(new Widgets());
      Widgets.define(clients.getFirst(), plural(i), kind(i));
    }
    // A kind is served everywhere when the server with the last one serves it.
    for (int i = 0; i < clients.size(); i++) {
      Load.Order list = new Load.Order("GET", Widgets.path(plural(i)), null);
      while (Answer.to(clients.get(i), list).status() != 200) {
        Thread.sleep(10);
      }
    }
  }

  private static String plural(int i) {
    return "widgets" + i;
  }

  private static String kind(int i) {
    return "Widget" + i;
  }

  private Load.Outcome creates(int i, int streams) throws InterruptedException {
    return Load.run(
        clients.get(i),
        streams,
        millis,
        201,
        0,
        _ -> widgets.get(i).creation(plural(i), kind(i), NODE));
  }

  private void create() throws Exception {
    double[][] rates = new double[2][rounds];
    double[][] latest = new double[2][rounds];
    try (Yardsticks raw = new Yardsticks(work.resolve("engine"), endpoints.getFirst())) {
      for (int round = -WARMING_ROUNDS; round < rounds; round++) {
        List<Load.Outcome> ours = all(clients.size(), i -> creates(i, STREAMS / clients.size()));
        Load.Outcome put = raw.etcdPut(STREAMS, millis);
        if (round >= 0) {
          rates[0][round] = ours.stream().mapToDouble(Load.Outcome::perSecond).sum();
          latest[0][round] = ours.stream().mapToDouble(Load.Outcome::p99Micros).max().orElse(0);
          rates[1][round] = put.perSecond();
          latest[1][round] = put.p99Micros();
        }
      }
    }
    System.out.printf(
        "| durable creates of 1 KiB, %d streams, %d replicas | %,.0f/s, p99 %,.1f ms"
            + " | raw etcd put %,.0f/s, p99 %,.1f ms (ratio %.2f) |%n",
        STREAMS,
        clients.size(),
        median(rates[0]),
        median(latest[0]) / 1e3,
        median(rates[1]),
        median(latest[1]) / 1e3,
        median(rates[0]) / median(rates[1]));
  }

  /// What a number of reads came to.
  ///
  /// @param serverMicros processor time of all servers for each
  /// @param etcdMicros processor time of all members for each
  private record Reading(double perSecond, double serverMicros, double etcdMicros) {
    static Reading median(List<Reading> all) {
      return new Reading(
          ReplicasBenchmark.median(all.stream().mapToDouble(Reading::perSecond).toArray()),
          ReplicasBenchmark.median(all.stream().mapToDouble(Reading::serverMicros).toArray()),
          ReplicasBenchmark.median(all.stream().mapToDouble(Reading::etcdMicros).toArray()));
    }

    @Override
    public String toString() {
      return "%,.0f/s, each %,.1f us of the servers' processor time and %,.1f us of etcd's"
          .formatted(perSecond, serverMicros, etcdMicros);
    }
  }

  private void read(String what, int streams, String path) throws Exception {
    Load.Order read = new Load.Order("GET", path, null);
    for (H2Client each : clients) {
      Answer.to(each, read).require(200);
    }
    List<Reading> one = new ArrayList<>();
    List<Reading> every = new ArrayList<>();
    for (int round = -1; round < rounds; round++) {
      Reading first = reading(1, streams, read);
      Reading all = clients.size() == 1 ? first : reading(clients.size(), streams, read);
      if (round >= 0) {
        one.add(first);
        every.add(all);
      }
    }
    Reading all = Reading.median(every);
    Reading first = Reading.median(one);
    System.out.printf(
        "| %s at the latest revision, %d streams, %d replicas | %s | %s |%n",
        what,
        streams,
        clients.size(),
        all,
        clients.size() == 1
            ? ""
            : "through one of them %s (ratio %.2f)"
                .formatted(first, all.perSecond / first.perSecond));
  }

  /// Where servers share processors, more of them are not faster. Here each has a small part of one
  /// for itself, so that the sum tells how reads scale.
  private void readConfined(String what, String path) throws Exception {
    if (clients.size() == 1) {
      return;
    }
    if (!Confinement.isPossible()) {
      System.err.println("left out: servers cannot be confined here");
      return;
    }
    Load.Order read = new Load.Order("GET", path, null);
    List<Reading> one = new ArrayList<>();
    List<Reading> every = new ArrayList<>();
    try (Confinement _ = Confinement.of(servers.stream().map(ServerProcess::pid).toList(), SHARE)) {
      for (int round = -1; round < rounds; round++) {
        Reading first = reading(1, LIST_STREAMS, read);
        Reading all = reading(clients.size(), LIST_STREAMS, read);
        if (round >= 0) {
          one.add(first);
          every.add(all);
        }
      }
    }
    Reading all = Reading.median(every);
    Reading first = Reading.median(one);
    System.out.printf(
        "| %s, each server with %.1f of a processor, %d replicas | %s | through one of them %s"
            + " (ratio %.2f) |%n",
        what, SHARE, clients.size(), all, first, all.perSecond / first.perSecond);
  }

  private Reading reading(int replicas, int streams, Load.Order read) throws Exception {
    double servers = serverSeconds();
    double members = etcdSeconds();
    double perSecond =
        all(replicas, i -> Load.run(clients.get(i), streams / replicas, millis, 200, 0, _ -> read))
            .stream()
            .mapToDouble(Load.Outcome::perSecond)
            .sum();
    double count = perSecond * millis / 1e3;
    return new Reading(
        perSecond,
        (serverSeconds() - servers) * 1e6 / count,
        (etcdSeconds() - members) * 1e6 / count);
  }

  private double serverSeconds() throws IOException {
    double sum = 0;
    for (ServerProcess each : servers) {
      sum += each.cpuSeconds();
    }
    return sum;
  }

  private double etcdSeconds() throws IOException {
    double sum = 0;
    for (long each : etcds) {
      sum += ServerProcess.cpuSeconds(each);
    }
    return sum;
  }

  private interface Part {
    Load.Outcome run(int replica) throws InterruptedException;
  }

  private List<Load.Outcome> all(int replicas, Part part) throws Exception {
    List<Callable<Load.Outcome>> parts = new ArrayList<>();
    for (int i = 0; i < replicas; i++) {
      int replica = i;
      parts.add(() -> part.run(replica));
    }
    List<Load.Outcome> outcomes = new ArrayList<>();
    for (Future<Load.Outcome> each : threads.invokeAll(parts)) {
      outcomes.add(each.get());
    }
    return outcomes;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  @Override
  public void close() {
    for (H2Client each : clients) {
      each.close();
    }
    servers.forEach(ServerProcess::close);
    threads.close();
  }
}
