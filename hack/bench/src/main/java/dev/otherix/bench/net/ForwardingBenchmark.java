package dev.otherix.bench.net;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Http1Transport;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
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
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// How long it takes from a Port's creation on the server until every node forwards to it: real
/// agents' network parts, each in a namespace of its own, told by the kernel's own messages; and
/// until many simulated agents have heard of it. Prints rows of a Markdown table.
public final class ForwardingBenchmark {
  private static final int CHANGES = 200;
  private static final int WARM_UP = 20;
  private static final int SIMULATED = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final List<String> FOLLOWED =
      List.of("networks", "ports", "meshpeers", "securityrules");

  private final ApiClient client;

  /// By hardware address: who still has to hear of it.
  private final Map<String, CountDownLatch> awaited = new ConcurrentHashMap<>();

  private ForwardingBenchmark(ApiClient client) {
    this.client = client;
  }

  /// Arguments: a folder, and the namespaces of the nodes.
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    Path socket = folder.resolve("api.sock");
    List<String> namespaces = List.of(arguments).subList(1, arguments.length);
    InProcessIdentity identity = new InProcessIdentity(Caller.of("bench", List.of(Caller.MASTERS)));
    List<Process> children = new ArrayList<>();
    try (ApiServer server =
            ApiServer.start(
                ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Schemas.kinds())
                    .withListeners(List.of(new Listener.Unix(socket, "rw-------")))
                    .withAuthenticators(List.of(identity, new LocalPeers(0))));
        ApiClient client =
            new ApiClient(
                new InProcessTransport(server.handler(), identity), ClientOptions.of("bench"))) {
      ForwardingBenchmark benchmark = new ForwardingBenchmark(client);
      benchmark.prepare(namespaces.size());
      for (int i = 0; i < namespaces.size(); i++) {
        children.addAll(benchmark.node(namespaces.get(i), i + 1, folder, socket));
      }
      benchmark.measure(
          "a Port's creation to its entry on " + namespaces.size() + " nodes", namespaces.size());
      List<ApiClient> agents = benchmark.simulate(socket);
      benchmark.measure(
          "the same until "
              + SIMULATED
              + " simulated agents have heard of it too, in the server's process",
          namespaces.size() + SIMULATED);
      agents.forEach(ApiClient::close);
    } finally {
      children.forEach(Process::destroy);
    }
    System.exit(0);
  }

  private ResourceClient resource(String plural) {
    return client.resource(new GroupVersionResource("otherix", "v1", plural));
  }

  private void prepare(int nodes) throws InterruptedException {
    resource("networks")
        .create(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "Network", "metadata": {"name": "lab"},
                 "spec": {"type": "overlay", "subnet": "10.80.0.0/16"}}
                """));
    resource("networks")
        .mergePatch(
            ObjectKey.clusterScoped("lab"),
            "status",
            Json.parseObject(
                """
                {"status": {"vni": 1000, "bridgeName": "otvb1000", "gateway": "169.254.1.1",
                  "mtu": 1390}}
                """));
    for (int i = 1; i <= nodes + 1; i++) {
      byte[] key = new byte[32];
      key[0] = (byte) i;
      resource("meshpeers")
          .create(
              Json.parseObject(
                  """
                  {"apiVersion": "otherix/v1", "kind": "MeshPeer", "metadata": {"name": "n%d"},
                   "spec": {"address": "10.42.0.%d/16", "publicKey": "%s",
                     "endpoint": "198.51.100.%d:51820"}}
                  """
                      .formatted(i, i, Base64.getEncoder().encodeToString(key), i)));
    }
  }

  /// The agent's part, and what the kernel says of its tables.
  private List<Process> node(String namespace, int number, Path folder, Path socket)
      throws IOException {
    Path own = Files.createDirectories(folder.resolve("n" + number));
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace, "sh", "-c"));
    command.add("mount --bind " + own + " /run/wireguard && exec \"$@\"");
    command.addAll(
        List.of(
            "sh",
            System.getProperty("java.home") + "/bin/java",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            NetworkNode.class.getName(),
            own.toString(),
            socket.toString(),
            "n" + number));
    Process agent =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Process monitor =
        new ProcessBuilder("ip", "netns", "exec", namespace, "bridge", "monitor", "fdb").start();
    Thread.ofPlatform().daemon().start(() -> listen(monitor));
    return List.of(agent, monitor);
  }

  private void listen(Process monitor) {
    try (BufferedReader lines = monitor.inputReader(StandardCharsets.US_ASCII)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains(" dst ") && !line.startsWith("Deleted")) {
          heard(line.substring(0, line.indexOf(' ')));
        }
      }
    } catch (IOException e) {
      System.err.println("the kernel is not heard any more: " + e.getMessage());
    }
  }

  private void heard(String mac) {
    CountDownLatch latch = awaited.get(mac);
    if (latch != null) {
      latch.countDown();
    }
  }

  /// As many followers as so many agents have.
  private List<ApiClient> simulate(Path socket) throws InterruptedException {
    List<ApiClient> agents = new ArrayList<>();
    for (int i = 0; i < SIMULATED; i++) {
      ApiClient agent = new ApiClient(Http1Transport.unix(socket), ClientOptions.of("agent" + i));
      agents.add(agent);
      for (String plural : FOLLOWED) {
        Informer informer =
            new Informer(
                agent.resource(new GroupVersionResource("otherix", "v1", plural)),
                InformerOptions.ALL);
        if (plural.equals("ports")) {
          informer.addHandler("bench", (_, _, port) -> heard(port));
        }
        informer.start();
        if (!informer.awaitSynced(PATIENCE)) {
          throw new IllegalStateException("a simulated agent does not get its " + plural);
        }
      }
    }
    return agents;
  }

  private void heard(@Nullable ObjectNode port) {
    if (port != null) {
      heard(port.at("/spec/macAddress").asString(""));
    }
  }

  private void measure(String what, int listeners) throws InterruptedException {
    long[] took = new long[CHANGES];
    for (int i = -WARM_UP; i < CHANGES; i++) {
      int number = i + WARM_UP + listeners * CHANGES;
      String mac =
          String.format(Locale.ROOT, "02:00:00:%02x:%02x:01", number >> 8 & 0xff, number & 0xff);
      CountDownLatch latch = new CountDownLatch(listeners);
      awaited.put(mac, latch);
      long from = System.nanoTime();
      resource("ports")
          .create(
              Json.parseObject(
                  """
                  {"apiVersion": "otherix/v1", "kind": "Port", "metadata": {"name": "vm%d-0"},
                   "spec": {"vmName": "vm%d", "network": "lab", "nodeName": "n4",
                     "macAddress": "%s"}}
                  """
                      .formatted(number, number, mac)));
      if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(latch.getCount() + " did not hear of " + mac);
      }
      if (i >= 0) {
        took[i] = System.nanoTime() - from;
      }
      awaited.remove(mac);
    }
    NetBenchmark.spread(what, took);
  }
}
