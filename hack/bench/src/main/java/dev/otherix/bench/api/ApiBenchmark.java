package dev.otherix.bench.api;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/// Everything that the server costs over loopback TLS, next to its yardstick in the same run.
/// Prints medians of five rounds and ratios.
public final class ApiBenchmark {
  private static final int ROUNDS = 5;
  private static final long ROUND_MILLIS = 3_000;
  private static final long WARM_MILLIS = 45_000;
  private static final int LISTED = 10_000;
  private static final int WATCHERS = 5_000;
  private static final int FILTERED = 1_000;
  private static final int CHANGES_PER_SECOND = 500;
  private static final int DEFINITIONS = 200;

  private final Peers peers;
  private final Path work;
  private final Widgets widgets = new Widgets();

  private ApiBenchmark(Peers peers, Path work) {
    this.peers = peers;
    this.work = work;
  }

  public static void main(String[] arguments) throws Exception {
    String launcher = arguments[0];
    Path work = Files.createTempDirectory(Path.of(arguments[1]), "api-benchmark");
    String endpoint = arguments[2];
    List<String> java =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"));
    Set<String> stages =
        arguments.length > 3
            ? Set.of(Arrays.copyOfRange(arguments, 3, arguments.length))
            : Set.of("start", "get", "create", "list", "fanout", "filtered", "definitions");
    if (stages.contains("start")) {
      coldStart(launcher, work);
    }
    try (Peers peers = Peers.start(launcher, java, work)) {
      ApiBenchmark benchmark = new ApiBenchmark(peers, work);
      benchmark.idle();
      benchmark.define("widgets", "Widget");
      for (String stage : List.of("get", "create", "list", "fanout", "filtered", "definitions")) {
        if (stages.contains(stage)) {
          benchmark.run(stage, endpoint);
        }
      }
    }
  }

  private void run(String stage, String endpoint) throws Exception {
    switch (stage) {
      case "get" -> {
        get(1, 1);
        get(4, 64);
      }
      case "create" -> {
        warmCreates();
        create(endpoint, 1, 1);
        create(endpoint, 4, 256);
      }
      case "list" -> list();
      case "fanout" -> fanout();
      case "filtered" -> filtered();
      case "definitions" -> definitions();
      default -> throw new IllegalArgumentException("no stage is called " + stage);
    }
  }

  private static void coldStart(String launcher, Path work) throws IOException {
    double[] seconds = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      try (ServerProcess server =
          new ServerProcess(
              List.of(
                  launcher,
                  "--data-dir",
                  work.resolve("cold-" + i).toString(),
                  "--port",
                  "0",
                  "--log-level",
                  "warn"),
              work.resolve("cold.log"))) {
        seconds[i] = server.startSeconds();
      }
    }
    print("cold start to ready, empty store", "%.2f s".formatted(median(seconds)), "");
  }

  private void idle() throws IOException {
    print("RSS of an idle server", mebibytes(peers.ours().residentBytes()), "");
  }

  private static String mebibytes(long bytes) {
    return "%.0f MiB".formatted(bytes / 1024.0 / 1024.0);
  }

  private void define(String plural, String kind) throws Exception {
    try (H2Client client = peers.toOurs(1)) {
      Widgets.define(client, plural, kind);
    }
  }

  private void get(int connections, int streams) throws Exception {
    try (H2Client ours = peers.toOurs(connections);
        H2Client bare = peers.toBare(connections)) {
      Load.Order creation = widgets.creation("n0");
      Answer created = Answer.to(ours, creation);
      created.require(201);
      Load.Order read = new Load.Order("GET", widgets.lastPath(), null);
      Answer object = Answer.to(ours, read);
      object.require(200);
      Answer.to(bare, new Load.Order("POST", "/object", object.body())).require(200);
      Load.Order yardstick = new Load.Order("GET", "/object", null);
      double[] our = new double[ROUNDS];
      double[] limit = new double[ROUNDS];
      for (int round = -1; round < ROUNDS; round++) {
        double mine = Load.run(ours, streams, ROUND_MILLIS, 200, 0, _ -> read).perSecond();
        double theirs = Load.run(bare, streams, ROUND_MILLIS, 200, 0, _ -> yardstick).perSecond();
        if (round >= 0) {
          our[round] = mine;
          limit[round] = theirs;
        }
      }
      print(
          "get by name (" + object.body().length + " bytes), " + streams + " streams",
          "%,.0f/s".formatted(median(our)),
          "bare Netty %,.0f/s, ratio %.2f".formatted(median(limit), median(our) / median(limit)));
    }
  }

  /// A server lives for months: what is measured is not its compiler, which takes about half of its
  /// processor time for the first half minute of creates.
  private void warmCreates() throws Exception {
    try (H2Client ours = peers.toOurs(4)) {
      for (long millis = 0; millis < WARM_MILLIS; millis += ROUND_MILLIS) {
        double before = peers.ours().cpuSeconds();
        Load.Outcome outcome =
            Load.run(ours, 256, ROUND_MILLIS, 201, 0, _ -> widgets.creation("n1"));
        System.err.printf(
            "warming: %,.0f creates/s, %.1f of a processor%n",
            outcome.perSecond(), (peers.ours().cpuSeconds() - before) / ROUND_MILLIS * 1e3);
      }
    }
  }

  private void create(String endpoint, int connections, int streams) throws Exception {
    double[][] rates = new double[3][ROUNDS];
    double[][] medians = new double[3][ROUNDS];
    double[] costs = new double[ROUNDS];
    try (Yardsticks yardsticks = new Yardsticks(work.resolve("engine-" + streams), endpoint)) {
      for (int round = -1; round < ROUNDS; round++) {
        Load.Outcome mine;
        double before = peers.ours().cpuSeconds();
        try (H2Client ours = peers.toOurs(connections)) {
          mine = Load.run(ours, streams, ROUND_MILLIS, 201, 0, _ -> widgets.creation("n1"));
        }
        if (round >= 0) {
          double used = peers.ours().cpuSeconds() - before;
          costs[round] = used * 1e6 / (mine.perSecond() * ROUND_MILLIS / 1e3);
        }
        Load.Outcome[] outcomes = {
          mine, yardsticks.engine(streams, ROUND_MILLIS), yardsticks.etcdPut(streams, ROUND_MILLIS)
        };
        for (int i = 0; i < outcomes.length && round >= 0; i++) {
          rates[i][round] = outcomes[i].perSecond();
          medians[i][round] = outcomes[i].p50Micros();
        }
      }
    }
    print(
        "durable create of a 1 KiB custom object, " + streams + " streams",
        "%,.0f/s, p50 %,.0f us, %,.0f us of processor time each"
            .formatted(median(rates[0]), median(medians[0]), median(costs)),
        "bare engine %,.0f/s, p50 %,.0f us (p50 ratio %.2f); raw etcd put %,.0f/s (ratio %.2f)"
            .formatted(
                median(rates[1]),
                median(medians[1]),
                median(medians[0]) / median(medians[1]),
                median(rates[2]),
                median(rates[0]) / median(rates[2])));
  }

  private void list() throws Exception {
    define("gears", "Gear");
    String path = Widgets.path("gears");
    try (H2Client ours = peers.toOurs(1)) {
      for (int i = 0; i < LISTED; i++) {
        Answer.to(ours, widgets.creation("gears", "Gear", "n1")).require(201);
      }
    }
    try (H2Client ours = peers.toOurs(2);
        H2Client bare = peers.toBare(2)) {
      Load.Order read = new Load.Order("GET", path, null);
      Answer list = Answer.to(ours, read);
      list.require(200);
      Answer.to(bare, new Load.Order("POST", "/list", list.body())).require(200);
      Load.Order yardstick = new Load.Order("GET", "/list", null);
      double[] our = new double[ROUNDS];
      double[] limit = new double[ROUNDS];
      long before = peers.ours().liveHeapBytes();
      for (int round = -1; round < ROUNDS; round++) {
        double mine = Load.run(ours, 2, ROUND_MILLIS, 200, 0, _ -> read).perSecond();
        double theirs = Load.run(bare, 2, ROUND_MILLIS, 200, 0, _ -> yardstick).perSecond();
        if (round >= 0) {
          our[round] = mine;
          limit[round] = theirs;
        }
      }
      print(
          "list of 10,000 x 1 KiB (" + list.body().length / 1024 + " KiB), 2 streams",
          "%.1f/s, p50 %.1f ms".formatted(median(our), 2000 / median(our)),
          "bare Netty %.1f/s, ratio %.2f; live heap before and after %s, %s"
              .formatted(
                  median(limit),
                  median(our) / median(limit),
                  mebibytes(before),
                  mebibytes(peers.ours().liveHeapBytes())));
    }
  }

  private void fanout() throws Exception {
    long before = peers.ours().liveHeapBytes();
    String from;
    try (H2Client client = peers.toOurs(1)) {
      Answer.to(client, widgets.creation("n2")).require(201);
      from =
          Answer.to(client, new Load.Order("GET", Widgets.PATH + "?limit=1", null))
              .text("\"resourceVersion\":\"");
    }
    String path = widgets.lastPath();
    try (H2Client watching = peers.toOurs(WATCHERS / 50);
        H2Client bareWatching = peers.toBare(WATCHERS / 50);
        H2Client writer = peers.toOurs(1);
        H2Client bareWriter = peers.toBare(1)) {
      Fanout ours = new Fanout(watching, WATCHERS);
      ours.open(_ -> Widgets.PATH + "?watch=true&resourceVersion=" + from);
      Fanout bare = new Fanout(bareWatching, WATCHERS);
      bare.open(_ -> "/watch");
      Thread.sleep(2_000);
      long heap = peers.ours().liveHeapBytes();
      print(
          "heap of an idle watcher (" + WATCHERS + " over " + WATCHERS / 50 + " connections)",
          "%.1f KiB".formatted((heap - before) / 1024.0 / WATCHERS),
          "");
      byte[] event = Answer.to(writer, new Load.Order("GET", path, null)).body();
      int rounds = 30;
      double[] our = new double[rounds];
      double[] limit = new double[rounds];
      for (int round = -5; round < rounds; round++) {
        byte[] patch =
            ("{\"spec\":{\"number\":" + (round + 100) + "}}").getBytes(StandardCharsets.UTF_8);
        double mine = ours.change(writer, new Load.Order("PATCH", path, patch));
        double theirs = bare.change(bareWriter, new Load.Order("POST", "/broadcast", event));
        if (round >= 0) {
          our[round] = mine;
          limit[round] = theirs;
        }
      }
      print(
          "one change to " + WATCHERS + " HTTPS watchers, until the last has it",
          "%.1f ms".formatted(median(our)),
          "bare broadcast %.1f ms, ratio %.2f"
              .formatted(median(limit), median(limit) / median(our)));
    }
  }

  private void filtered() throws Exception {
    double one = cost(1, _ -> Widgets.PATH + "?watch=true&resourceVersion=");
    double many =
        cost(
            FILTERED,
            i ->
                Widgets.PATH + "?watch=true&fieldSelector=spec.node%3Df" + i + "&resourceVersion=");
    print(
        FILTERED + " node-filtered watchers, " + CHANGES_PER_SECOND + " changes/s: server CPU",
        "%.2f s per s".formatted(many),
        "one unfiltered watcher %.2f s per s, ratio %.2f".formatted(one, many / one));
  }

  /// Processor seconds that the server uses in a second of changes.
  private double cost(int watchers, IntFunction<String> path) throws Exception {
    double[] costs = new double[ROUNDS];
    try (H2Client watching = peers.toOurs(Math.max(1, watchers / 50));
        H2Client writer = peers.toOurs(1)) {
      String from =
          Answer.to(writer, new Load.Order("GET", Widgets.PATH + "?limit=1", null))
              .text("\"resourceVersion\":\"");
      new Fanout(watching, watchers).open(i -> path.apply(i) + from);
      Thread.sleep(1_000);
      for (int round = -1; round < ROUNDS; round++) {
        double before = peers.ours().cpuSeconds();
        long began = System.nanoTime();
        int changes = 3 * CHANGES_PER_SECOND;
        CountDownLatch done = new CountDownLatch(changes);
        for (int i = 0; i < changes; i++) {
          long due = began + i * 1_000_000_000L / CHANGES_PER_SECOND;
          TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
          Load.Order order = widgets.creation("f" + i % FILTERED);
          writer.execute(
              0,
              () ->
                  writer.send(
                      0,
                      order.method(),
                      order.path(),
                      order.body(),
                      "application/json",
                      Answer.collect(_ -> done.countDown())));
        }
        if (!done.await(60, TimeUnit.SECONDS)) {
          throw new IllegalStateException(done.getCount() + " changes were not answered");
        }
        if (round >= 0) {
          costs[round] = (peers.ours().cpuSeconds() - before) / ((System.nanoTime() - began) / 1e9);
        }
      }
    }
    return median(costs);
  }

  private void definitions() throws Exception {
    long before = peers.ours().liveHeapBytes();
    long began = System.nanoTime();
    for (int i = 0; i < DEFINITIONS; i++) {
      define("things" + i, "Thing" + i);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    long after = peers.ours().liveHeapBytes();
    print(
        "heap of a custom kind (" + DEFINITIONS + " of them)",
        "%.0f KiB".formatted((after - before) / 1024.0 / DEFINITIONS),
        "%.1f ms from POST to served".formatted(1000 * seconds / DEFINITIONS));
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void print(String what, String ours, String yardstick) {
    System.out.println("| " + what + " | " + ours + " | " + yardstick + " |");
  }
}
