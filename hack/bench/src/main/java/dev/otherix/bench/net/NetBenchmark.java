package dev.otherix.bench.net;

import dev.otherix.agent.network.NetworkKeeper;
import dev.otherix.agent.network.NetworkOptions;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.inprocess.InProcessIdentity;
import dev.otherix.apiserver.inprocess.InProcessTransport;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.node.ObjectNode;

/// A server, the network part of an agent, and many Ports, in the namespace where it is started.
/// Prints rows of a Markdown table.
public final class NetBenchmark {
  /// A bridge of Linux has 1,023 at most.
  private static final int PORTS = 1000;

  private static final int CHANGES = 20;
  private static final int QUESTIONS = 5000;
  private static final long POLL_NANOS = 200_000;
  private static final int PER_SUBNET = 250;

  private final ResourceClient networks;
  private final ResourceClient ports;

  private NetBenchmark(ApiClient client) {
    this.networks = client.resource(new GroupVersionResource("otherix", "v1", "networks"));
    this.ports = client.resource(new GroupVersionResource("otherix", "v1", "ports"));
  }

  /// Argument: a folder for the agent.
  public static void main(String[] arguments) throws Exception {
    InProcessIdentity identity = new InProcessIdentity(Caller.of("bench", List.of(Caller.MASTERS)));
    try (ApiServer server =
            ApiServer.start(
                ApiServerOptions.of(new MemoryStorage(InstantSource.system()), Schemas.kinds())
                    .withAuthenticators(List.of(identity)));
        ApiClient client =
            new ApiClient(
                new InProcessTransport(server.handler(), identity), ClientOptions.of("bench"))) {
      new NetBenchmark(client).run(client, Path.of(arguments[0]));
    }
    System.exit(0);
  }

  private void run(ApiClient client, Path folder) throws Exception {
    networks.create(
        Json.parseObject(
            """
            {"apiVersion": "otherix/v1", "kind": "Network", "metadata": {"name": "lab"},
             "spec": {"type": "bridge", "managed": true, "bridgeName": "lab0", "egress": "nat",
               "subnet": "10.80.0.0/16", "dhcp": true}}
            """));
    List<String> taps = new ArrayList<>();
    for (int i = 0; i < PORTS; i++) {
      taps.add(port(i));
    }
    long start = System.nanoTime();
    try (NetworkKeeper _ =
        NetworkKeeper.start(
            client, "n1", NetworkOptions.onThisHost(), folder, Pause.real(), () -> {})) {
      taps.forEach(NetBenchmark::awaitConnected);
      row("apply " + PORTS + " Ports on an empty host", System.nanoTime() - start);
      long[] changes = new long[CHANGES];
      for (int i = 0; i < CHANGES; i++) {
        long from = System.nanoTime();
        awaitConnected(port(PORTS + i));
        changes[i] = System.nanoTime() - from;
      }
      spread("one Port more, from its creation on the server to its tap on the bridge", changes);
      spread("DNS, the name of a machine, by UDP", ask());
    }
  }

  private String port(int number) throws InterruptedException {
    ObjectNode made =
        ports.create(
            Json.parseObject(
                String.format(
                    Locale.ROOT,
                    """
                    {"apiVersion": "otherix/v1", "kind": "Port", "metadata": {"name": "vm%d-0"},
                     "spec": {"vmName": "vm%d", "network": "lab", "nodeName": "n1",
                       "macAddress": "02:00:00:00:%02x:%02x", "ipv4Address": "10.80.%d.%d"}}
                    """,
                    number,
                    number,
                    number >> 8,
                    number & 0xff,
                    number / PER_SUBNET,
                    2 + number % PER_SUBNET)));
    return "ot" + made.at("/metadata/uid").asString("").replace("-", "").substring(0, 12);
  }

  private static void awaitConnected(String tap) {
    while (!Files.exists(Path.of("/sys/class/net", tap, "brport"))) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static long[] ask() throws IOException {
    byte[] name = "\3vm7\3lab\7otherix\10internal".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer question = ByteBuffer.allocate(12 + name.length + 5);
    question.putLong(0x0001_0100_0001_0000L).putInt(0).put(name).put((byte) 0);
    question.putShort((short) 1).putShort((short) 1);
    long[] took = new long[QUESTIONS];
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral("10.80.0.1"), 53));
      socket.setSoTimeout(5000);
      byte[] bytes = question.array();
      for (int i = 0; i < QUESTIONS; i++) {
        long from = System.nanoTime();
        socket.send(new DatagramPacket(bytes, bytes.length));
        DatagramPacket answer = new DatagramPacket(new byte[512], 512);
        socket.receive(answer);
        took[i] = System.nanoTime() - from;
        if (answer.getData()[answer.getLength() - 1] != 9) {
          throw new IllegalStateException("the name server does not know vm7");
        }
      }
    }
    return took;
  }

  private static void row(String what, long nanos) {
    System.out.printf(Locale.ROOT, "| %s | %.1f ms | |%n", what, nanos / 1e6);
  }

  static void spread(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f ms | %.2f ms |%n",
        what,
        nanos[nanos.length / 2] / 1e6,
        nanos[nanos.length * 99 / 100] / 1e6);
  }
}
