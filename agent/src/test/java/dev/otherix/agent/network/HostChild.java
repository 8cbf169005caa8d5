package dev.otherix.agent.network;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.schemas.v1.MeshPeer;
import dev.otherix.schemas.v1.Network;
import dev.otherix.schemas.v1.Port;
import dev.otherix.schemas.v1.SecurityRule;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A [HostNetwork] in a process inside a namespace: a line of objects goes in, a line of errors
/// comes out.
final class HostChild {
  static final String NODE = "n1";

  private final Process process;
  private final BufferedReader out;
  private final BufferedWriter in;

  private HostChild(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
    this.in = process.outputWriter(StandardCharsets.UTF_8);
  }

  static HostChild start(Namespace namespace, Path folder, Path resolver) throws IOException {
    return start(namespace, folder, resolver, NODE);
  }

  static HostChild start(Namespace namespace, Path folder, Path resolver, String node)
      throws IOException {
    return new HostChild(
        namespace.startJava(HostChild.class, folder.toString(), resolver.toString(), node));
  }

  /// On a kernel whose bridges do not keep VLANs apart, as far as it knows.
  static HostChild startWithoutVlans(Namespace namespace, Path folder, Path resolver)
      throws IOException {
    return new HostChild(
        namespace.startJava(
            HostChild.class, folder.toString(), resolver.toString(), NODE, "without-vlans"));
  }

  /// What other nodes are to know of this one.
  String publicKey() throws IOException {
    in.write("\n");
    in.flush();
    return String.valueOf(out.readLine());
  }

  /// The errors by network; empty ones for those that are ready.
  Map<String, String> apply(List<ObjectNode> networks, List<ObjectNode> ports) throws IOException {
    return apply(networks, ports, List.of());
  }

  /// The same with the peers of the mesh, the node itself among them.
  Map<String, String> apply(
      List<ObjectNode> networks, List<ObjectNode> ports, List<ObjectNode> peers)
      throws IOException {
    send(networks, ports, peers);
    return answer();
  }

  /// On a host alone, with security rules.
  Map<String, String> applyRules(
      List<ObjectNode> networks, List<ObjectNode> ports, List<ObjectNode> rules)
      throws IOException {
    send(networks, ports, List.of(), rules, true);
    return answer();
  }

  /// As when nothing but the server has changed since the last time.
  Map<String, String> applyUnread(List<ObjectNode> networks, List<ObjectNode> ports)
      throws IOException {
    send(networks, ports, List.of(), List.of(), false);
    return answer();
  }

  /// What the host itself hears from a machine's port, when it says hello; or why it hears nothing.
  String talk(String vm, int port) throws IOException {
    in.write("talk " + vm + " " + port + "\n");
    in.flush();
    return String.valueOf(out.readLine());
  }

  /// Without waiting for what comes of it.
  void send(List<ObjectNode> networks, List<ObjectNode> ports, List<ObjectNode> peers)
      throws IOException {
    send(networks, ports, peers, List.of(), true);
  }

  private void send(
      List<ObjectNode> networks,
      List<ObjectNode> ports,
      List<ObjectNode> peers,
      List<ObjectNode> rules,
      boolean read)
      throws IOException {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.putArray("networks").addAll(networks);
    line.putArray("ports").addAll(ports);
    line.putArray("peers").addAll(peers);
    line.putArray("rules").addAll(rules);
    line.put("read", read);
    in.write(line + "\n");
    in.flush();
  }

  private Map<String, String> answer() throws IOException {
    String answer = out.readLine();
    if (answer == null) {
      throw new IllegalStateException("the host's process ended");
    }
    Map<String, String> errors = new TreeMap<>();
    Json.parseObject(answer)
        .properties()
        .forEach(each -> errors.put(each.getKey(), each.getValue().asString("")));
    return errors;
  }

  /// As when an agent is killed.
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  static void main(String[] arguments) throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING);
    NetworkOptions options =
        new NetworkOptions(
            Path.of("/proc/sys"),
            Path.of(arguments[1]),
            System.getenv().getOrDefault("PATH", ""),
            NetworkOptions.MESH_PORT,
            "");
    Path folder = Path.of(arguments[0]);
    MeshKey key = MeshKey.in(folder);
    boolean vlans = arguments.length < 4 && VlanSupport.onThisHost(options.searchPath());
    HostNetwork host = new HostNetwork(options, folder, key, vlans);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    HostPlan last = Samples.plan(List.of(), List.of());
    List<PortPlan> known = List.of();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.startsWith("talk ")) {
        String[] words = line.split(" ");
        System.out.println(talk(host, last, known, words[1], Integer.parseInt(words[2])));
        continue;
      }
      if (line.isEmpty()) {
        System.out.println(key.open());
        continue;
      }
      ObjectNode wanted = Json.parseObject(line);
      List<Network> networks = new ArrayList<>();
      for (JsonNode each : wanted.path("networks")) {
        networks.add(Records.read((ObjectNode) each, Network.class));
      }
      List<PortPlan> ports = new ArrayList<>();
      for (JsonNode each : wanted.path("ports")) {
        ports.add(PortPlan.of(Records.read((ObjectNode) each, Port.class)));
      }
      List<MeshPeer> peers = new ArrayList<>();
      for (JsonNode each : wanted.path("peers")) {
        peers.add(Records.read((ObjectNode) each, MeshPeer.class));
      }
      ObjectNode answer = JsonNodeFactory.instance.objectNode();
      List<SecurityRule> rules = new ArrayList<>();
      for (JsonNode each : wanted.path("rules")) {
        rules.add(Records.read((ObjectNode) each, SecurityRule.class));
      }
      HostPlan plan =
          HostPlan.of(new HostPlan.Objects(networks, ports, peers, rules), arguments[2]);
      last = plan;
      known = ports;
      host.apply(plan, wanted.path("read").asBoolean(true)).errors().forEach(answer::put);
      System.out.println(answer);
    }
    host.close();
  }

  private static String talk(
      HostNetwork host, HostPlan plan, List<PortPlan> ports, String vm, int port) throws Exception {
    Doorway doorway = new Doorway(vm, port);
    try {
      doorway.prepare(ports.stream().filter(each -> each.vm().equals(vm)).toList(), plan, host);
      try (Socket guest = doorway.connect()) {
        guest.setSoTimeout(5000);
        guest.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        guest.shutdownOutput();
        return new String(guest.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      }
    } catch (ApiException e) {
      return e.code() + " " + e.status().message();
    }
  }
}
