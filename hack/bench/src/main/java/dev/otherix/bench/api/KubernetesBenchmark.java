package dev.otherix.bench.api;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The same requests over loopback TLS to our server and to Kubernetes' own, in turns: which one
/// serves more, and what each request costs of the processors. Prints medians of five rounds.
public final class KubernetesBenchmark {
  private static final int ROUNDS = 5;
  private static final long ROUND_MILLIS = 3_000;
  private static final long WARM_MILLIS = 45_000;
  private static final int LISTED = 10_000;
  private static final int WATCHERS = 2_000;
  private static final int WATCHERS_OF_A_CONNECTION = 50;
  private static final int CHANGES = 30;

  private final Side ours;
  private final Side theirs;

  private KubernetesBenchmark(Side ours, Side theirs) {
    this.ours = ours;
    this.theirs = theirs;
  }

  /// One server.
  ///
  /// @param pids of every process that it consists of
  private record Side(Path kubeconfig, List<Long> pids, Widgets widgets) {
    static Side of(String kubeconfig, String pids) {
      List<Long> all = new ArrayList<>();
      for (String each : pids.split(",", -1)) {
        all.add(Long.valueOf(each));
      }
      return new Side(Path.of(kubeconfig), all, new Widgets());
    }

    H2Client client(int connections) throws Exception {
      return Peers.to(kubeconfig, connections);
    }

    double cpuSeconds() throws IOException {
      double sum = 0;
      for (long pid : pids) {
        sum += ServerProcess.cpuSeconds(pid);
      }
      return sum;
    }

    double residentMiB() throws IOException {
      double sum = 0;
      for (long pid : pids) {
        sum += ServerProcess.residentBytes(pid) / 1024.0 / 1024.0;
      }
      return sum;
    }
  }

  /// What one side did in the rounds.
  private static final class Figures {
    final double[] perSecond = new double[ROUNDS];
    final double[] p50 = new double[ROUNDS];
    final double[] p99 = new double[ROUNDS];
    final double[] micros = new double[ROUNDS];

    void note(int round, Load.Outcome outcome, double cpuSeconds) {
      if (round >= 0) {
        perSecond[round] = outcome.perSecond();
        p50[round] = outcome.p50Micros();
        p99[round] = outcome.p99Micros();
        micros[round] = cpuSeconds * 1e6 / (outcome.perSecond() * ROUND_MILLIS / 1e3);
      }
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%,.0f/s, p50 %,.0f us, p99 %,.0f us, %,.0f us of processor time each",
          median(perSecond),
          median(p50),
          median(p99),
          median(micros));
    }
  }

  private interface Orders {
    Load.Order next(Side side);
  }

  /// @param arguments kubeconfig and process ids (separated by commas) of ours, then of theirs
  public static void main(String[] arguments) throws Exception {
    KubernetesBenchmark benchmark =
        new KubernetesBenchmark(
            Side.of(arguments[0], arguments[1]), Side.of(arguments[2], arguments[3]));
    benchmark.resident("resident memory, idle");
    benchmark.define("widgets", "Widget");
    benchmark.warm();
    Orders creation = side -> side.widgets.creation("n1");
    benchmark.compare("durable create of a 1 KiB custom object", creation, 201, 1, 1);
    benchmark.compare("durable create of a 1 KiB custom object", creation, 201, 4, 256);
    Orders get = side -> new Load.Order("GET", side.widgets.lastPath(), null);
    benchmark.compare("get by name", get, 200, 1, 1);
    benchmark.compare("get by name", get, 200, 4, 64);
    benchmark.lists();
    benchmark.fanout();
    benchmark.resident("resident memory, after all this");
  }

  private List<Side> both() {
    return List.of(ours, theirs);
  }

  private void define(String plural, String kind) throws Exception {
    for (Side side : both()) {
      try (H2Client client = side.client(1)) {
        Widgets.define(client, plural, kind);
      }
    }
  }

  /// Both, so that both hold the same.
  private void warm() throws Exception {
    for (Side side : both()) {
      try (H2Client client = side.client(4)) {
        Load.run(client, 256, WARM_MILLIS, 201, 0, _ -> side.widgets.creation("n1"));
      }
    }
  }

  private void compare(String what, Orders orders, int status, int connections, int streams)
      throws Exception {
    Figures our = new Figures();
    Figures their = new Figures();
    for (int round = -1; round < ROUNDS; round++) {
      measure(our, round, ours, orders, status, connections, streams);
      measure(their, round, theirs, orders, status, connections, streams);
    }
    print(
        what + ", " + streams + (streams == 1 ? " stream" : " streams"),
        our.toString(),
        their.toString(),
        median(our.perSecond) / median(their.perSecond));
  }

  private static void measure(
      Figures figures,
      int round,
      Side side,
      Orders orders,
      int status,
      int connections,
      int streams)
      throws Exception {
    try (H2Client client = side.client(connections)) {
      double before = side.cpuSeconds();
      Load.Outcome outcome =
          Load.run(client, streams, ROUND_MILLIS, status, 0, _ -> orders.next(side));
      figures.note(round, outcome, side.cpuSeconds() - before);
    }
  }

  private void lists() throws Exception {
    define("gears", "Gear");
    for (Side side : both()) {
      try (H2Client client = side.client(1)) {
        for (int i = 0; i < LISTED; i++) {
          Answer.to(client, side.widgets.creation("gears", "Gear", "n1")).require(201);
        }
      }
    }
    String path = Widgets.path("gears");
    compare(
        "list of 10,000 x 1 KiB, from memory",
        _ -> new Load.Order("GET", path + "?resourceVersion=0", null),
        200,
        2,
        2);
    compare(
        "list of 10,000 x 1 KiB, of this moment",
        _ -> new Load.Order("GET", path, null),
        200,
        2,
        2);
  }

  private void fanout() throws Exception {
    double our = change(ours);
    double their = change(theirs);
    print(
        "one change to " + WATCHERS + " watchers, until the last has it",
        String.format(Locale.ROOT, "%.1f ms", our),
        String.format(Locale.ROOT, "%.1f ms", their),
        their / our);
  }

  private static double change(Side side) throws Exception {
    double[] millis = new double[CHANGES];
    try (H2Client watching = side.client(WATCHERS / WATCHERS_OF_A_CONNECTION);
        H2Client writer = side.client(1)) {
      Answer.to(writer, side.widgets.creation("n2")).require(201);
      String path = side.widgets.lastPath();
      String from =
          Answer.to(writer, new Load.Order("GET", Widgets.PATH + "?limit=1", null))
              .text("\"resourceVersion\":\"");
      Fanout fanout = new Fanout(watching, WATCHERS);
      fanout.open(_ -> Widgets.PATH + "?watch=true&resourceVersion=" + from);
      Thread.sleep(3_000);
      for (int i = -5; i < CHANGES; i++) {
        byte[] patch =
            ("{\"spec\":{\"number\":" + (i + 100) + "}}").getBytes(StandardCharsets.UTF_8);
        double took = fanout.change(writer, new Load.Order("PATCH", path, patch));
        if (i >= 0) {
          millis[i] = took;
        }
      }
    }
    return median(millis);
  }

  private void resident(String what) throws IOException {
    double our = ours.residentMiB();
    double their = theirs.residentMiB();
    print(
        what,
        String.format(Locale.ROOT, "%.0f MiB", our),
        String.format(Locale.ROOT, "%.0f MiB", their),
        their / our);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /// @param better how many times ours is better
  private static void print(String what, String ours, String theirs, double better) {
    System.out.printf(Locale.ROOT, "| %s | %s | %s | %.2f |%n", what, ours, theirs, better);
  }
}
