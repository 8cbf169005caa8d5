package dev.otherix.bench.net;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.LocalPeers;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/// How much passes from guest to guest through what the agent makes, next to the same made by hand:
/// on an overlay of two nodes, and on a bridge. In turns, so that what else the machine does meets
/// both. Prints rows of a Markdown table.
public final class ThroughputBenchmark {
  private static final int ROUNDS = 9;
  private static final String MILLIS = "1500";
  private static final int TICKS_PER_SECOND = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Lab lab;
  private final ApiClient client;

  private ThroughputBenchmark(Lab lab, ApiClient client) {
    this.lab = lab;
    this.client = client;
  }

  /// Arguments: a folder, and what the namespaces' names begin with.
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    Path socket = folder.resolve("throughput.sock");
    InProcessIdentity identity = new InProcessIdentity(Caller.of("bench", List.of(Caller.MASTERS)));
    try (ApiServer server =
            ApiServer.start(
                ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Schemas.kinds())
                    .withListeners(List.of(new Listener.Unix(socket, "rw-------")))
                    .withAuthenticators(List.of(identity, new LocalPeers(0))));
        ApiClient client =
            new ApiClient(
                new InProcessTransport(server.handler(), identity), ClientOptions.of("bench"));
        Lab lab = new Lab(arguments[1], folder)) {
      ThroughputBenchmark benchmark = new ThroughputBenchmark(lab, client);
      benchmark.ours(folder, socket);
      benchmark.byHand();
      benchmark.measure("overlay", List.of("a", "10.90.0.3", "b"), List.of("x", "10.92.0.3", "y"));
      benchmark.measure("bridge", List.of("c", "10.91.0.3", "d"), List.of("v", "10.93.0.3", "w"));
      lab.startJava("c", Pump.class, "lease", "10.91.0.2", mac(2), "10.91.0.1")
          .inputReader()
          .lines()
          .forEach(System.out::println);
    }
    System.exit(0);
  }

  private ResourceClient resource(String plural) {
    return client.resource(new GroupVersionResource("otherix", "v1", plural));
  }

  private static String mac(int number) {
    return String.format(Locale.ROOT, "02:00:00:00:00:%02x", number);
  }

  private void create(String plural, String kind, String name, String spec) throws Exception {
    resource(plural)
        .create(
            Json.parseObject(
                "{\"apiVersion\": \"otherix/v1\", \"kind\": \"%s\", \"metadata\": {\"name\": \"%s\"}, \"spec\": {%s}}"
                    .formatted(kind, name, spec)));
  }

  private void ours(Path folder, Path socket) throws Exception {
    create("networks", "Network", "lab", "\"type\": \"overlay\", \"subnet\": \"10.90.0.0/24\"");
    resource("networks")
        .mergePatch(
            ObjectKey.clusterScoped("lab"),
            "status",
            Json.parseObject(
                """
                {"status": {"vni": 1000, "bridgeName": "otvb1000", "gateway": "169.254.1.1",
                  "mtu": 1390}}
                """));
    create(
        "networks",
        "Network",
        "flat",
        "\"type\": \"bridge\", \"managed\": true, \"bridgeName\": \"flat0\","
            + " \"subnet\": \"10.91.0.0/24\", \"dhcp\": true");
    underlay("n1", "n2");
    for (int i = 1; i <= 2; i++) {
      Path own = Files.createDirectories(folder.resolve("node" + i));
      String key =
          Lab.line(
              lab.startJava(
                  "n" + i, NetworkNode.class, own.toString(), socket.toString(), "n" + i));
      create(
          "meshpeers",
          "MeshPeer",
          "n" + i,
          "\"address\": \"10.42.0.%d/16\", \"publicKey\": \"%s\", \"endpoint\": \"198.51.100.%d:51820\""
              .formatted(i, key, i));
    }
    guest("a", "lab", "n1", 10, "10.90.0.2", 1390);
    guest("b", "lab", "n2", 11, "10.90.0.3", 1390);
    guest("c", "flat", "n1", 2, "10.91.0.2", 1500);
    guest("d", "flat", "n1", 3, "10.91.0.3", 1500);
  }

  private void underlay(String one, String other) throws Exception {
    lab.open(one);
    lab.open(other);
    lab.join(one, "up0", other, "up0");
    lab.run(one, "ip addr add 198.51.100.1/24 dev up0");
    lab.run(other, "ip addr add 198.51.100.2/24 dev up0");
  }

  /// A pair of devices, one end of which stands where a machine's tap would.
  private void guest(String name, String network, String node, int number, String address, int mtu)
      throws Exception {
    create(
        "ports",
        "Port",
        name + "-0",
        "\"vmName\": \"%s\", \"network\": \"%s\", \"nodeName\": \"%s\", \"macAddress\": \"%s\","
                .formatted(name, network, node, mac(number))
            + " \"ipv4Address\": \"%s\"".formatted(address));
    String uid =
        resource("ports")
            .get(ObjectKey.clusterScoped(name + "-0"))
            .at("/metadata/uid")
            .asString("");
    String tap = "ot" + uid.replace("-", "").substring(0, 12);
    lab.open(name);
    long end = System.nanoTime() + PATIENCE.toNanos();
    // The agent makes a device of that name too, and again when it is gone.
    lab.run(
        node,
        "for i in $(seq 100); do ip link del %1$s 2>/dev/null || true;".formatted(tap)
            + " ip link add %1$s type veth peer name eth0 netns %2$s 2>/dev/null && break; done;"
                .formatted(tap, lab.name(name))
            + " ip link set "
            + tap
            + " up");
    lab.run(
        name,
        "ip link set eth0 address %s mtu %d up; ip addr add %s/24 dev eth0"
            .formatted(mac(number), mtu, address));
    while (!lab.run(node, "ip -o link show " + tap).contains("master")) {
      LockSupport.parkNanos(50_000_000);
      if (System.nanoTime() > end) {
        throw new IllegalStateException(tap + " is not connected");
      }
    }
  }

  /// The same devices, by the commands that people use.
  private void byHand() throws Exception {
    underlay("h1", "h2");
    String[] keys = new String[3];
    for (int i = 1; i <= 2; i++) {
      String node = "h" + i;
      lab.run(
          node,
          """
          wg genkey > /run/wireguard/key
          ip link add dev wgh type wireguard 2>/dev/null || wireguard-go wgh >/dev/null 2>&1
          wg set wgh listen-port 51820 private-key /run/wireguard/key
          ip addr add 10.43.0.%d/16 dev wgh; ip link set wgh mtu 1440 up
          ip link add vxh type vxlan id 77 local 10.43.0.%d dev wgh dstport 4789 nolearning ttl 64
          ip link add brh type bridge; ip link set brh mtu 1390 up
          ip link set vxh mtu 1390 master brh up
          bridge fdb append 00:00:00:00:00:00 dev vxh dst 10.43.0.%d
          """
              .formatted(i, i, 3 - i));
      keys[i] = lab.run(node, "wg pubkey < /run/wireguard/key").strip();
    }
    for (int i = 1; i <= 2; i++) {
      lab.run(
          "h" + i,
          "wg set wgh peer %s endpoint 198.51.100.%d:51820 allowed-ips 10.43.0.%d/32"
              .formatted(keys[3 - i], 3 - i, 3 - i));
    }
    plain("x", "h1", "brh", "10.92.0.2", 1390);
    plain("y", "h2", "brh", "10.92.0.3", 1390);
    lab.run("h1", "ip link add brp type bridge; ip link set brp up");
    plain("v", "h1", "brp", "10.93.0.2", 1500);
    plain("w", "h1", "brp", "10.93.0.3", 1500);
  }

  private void plain(String name, String node, String bridge, String address, int mtu)
      throws Exception {
    lab.open(name);
    lab.join(node, "to-" + name, name, "eth0");
    lab.run(node, "ip link set to-%s mtu %d master %s".formatted(name, mtu, bridge));
    lab.run(name, "ip link set eth0 mtu %d; ip addr add %s/24 dev eth0".formatted(mtu, address));
  }

  private void measure(String what, List<String> ours, List<String> hand) throws Exception {
    List<Passed> mine = new ArrayList<>();
    List<Passed> its = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      boolean swapped = i % 2 == 1;
      Passed one = pump(swapped ? hand : ours);
      Passed other = pump(swapped ? ours : hand);
      mine.add(swapped ? other : one);
      its.add(swapped ? one : other);
    }
    row(what + ", Mbit/s", mine, its, Passed::megabits);
    row(what + ", processor time in ms for each Gbit", mine, its, Passed::costMillis);
  }

  /// The ratio is the median of the rounds' own: what else the machine does meets both of a round.
  private static void row(
      String what, List<Passed> mine, List<Passed> its, ToDoubleFunction<Passed> figure) {
    double[] ratios = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      ratios[i] = figure.applyAsDouble(mine.get(i)) / figure.applyAsDouble(its.get(i));
    }
    System.out.printf(
        Locale.ROOT,
        "| TCP from guest to guest, %s: ours %.0f, by hand %.0f | ratio %.2f | |%n",
        what,
        median(mine.stream().mapToDouble(figure).toArray()),
        median(its.stream().mapToDouble(figure).toArray()),
        median(ratios));
  }

  private static double median(double[] figures) {
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /// What passed in one round.
  ///
  /// @param costMillis of all processors for each Gbit, whoever worked for it
  private record Passed(double megabits, double costMillis) {}

  /// @param way from, to which address, and whose that is
  private Passed pump(List<String> way) throws Exception {
    Process receiver = lab.startJava(way.get(2), Pump.class, "receive");
    Lab.line(receiver);
    Process sender = lab.startJava(way.get(0), Pump.class, "send", way.get(1), MILLIS);
    Lab.line(sender);
    long before = busyMillis();
    if (sender.waitFor() != 0) {
      throw new IllegalStateException("nothing passes on " + way);
    }
    double megabits = Double.parseDouble(Lab.line(receiver));
    long busy = busyMillis() - before;
    return new Passed(megabits, busy * 1e6 / (megabits * Long.parseLong(MILLIS)));
  }

  /// What all processors did so far but to wait.
  private static long busyMillis() throws IOException {
    String[] ticks = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +", -1);
    long busy = 0;
    for (int at : new int[] {1, 2, 3, 6, 7}) {
      busy += Long.parseLong(ticks[at]);
    }
    return busy * 1000 / TICKS_PER_SECOND;
  }
}
