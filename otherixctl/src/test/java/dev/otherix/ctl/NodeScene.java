package dev.otherix.ctl;

import dev.otherix.agent.Agent;
import dev.otherix.agent.AgentOptions;
import dev.otherix.agent.NodeCredentials;
import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.Cluster;
import dev.otherix.apimachinery.client.Http1Transport;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A server, a node that has joined it as any host does, and its agent, all in this process.
final class NodeScene implements AutoCloseable {
  static final GroupVersionResource VMS = new GroupVersionResource("otherix", "v1", "vms");

  private final Path folder;
  private final Hypervisor hypervisor;
  private final Path image;
  private final TestServer server;
  private final Ctl ctl;
  private final ApiClient admin;
  private final ApiClient node;
  private Agent agent;

  /// @param image of the machines
  NodeScene(Path folder, Hypervisor hypervisor, Path image) throws Exception {
    this.folder = folder;
    this.hypervisor = hypervisor;
    this.image = image;
    this.server = TestServer.start(folder);
    this.ctl = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint()));
    this.admin =
        new ApiClient(Http1Transport.unix(folder.resolve("api.sock")), ClientOptions.of("scene"));
    this.node = join();
    this.agent = startAgent();
    settle();
  }

  private ApiClient join() throws Exception {
    String made = ctl.run("node", "join-token", "create", "--node-name=n1").succeeds().out();
    String token = made.replaceAll("(?s).*\ntoken: (\\S+)\n.*", "$1");
    ctl.run(
            "agent",
            "bootstrap",
            "--server=" + server.tlsEndpoint(),
            "--ca-fingerprint=sha256:" + server.authorityFingerprint(),
            "--join-token=" + token,
            "--node-name=n1",
            "--data-dir=" + folder.resolve("agent"))
        .succeeds();
    return new ApiClient(
        HttpTransport.to(NodeCredentials.read(folder.resolve("agent")).server()),
        ClientOptions.of("otherix-agent"));
  }

  private Agent startAgent() throws Exception {
    return Agent.start(
        new AgentOptions(
            "n1",
            folder.resolve("agent"),
            "amd64",
            "test",
            hypervisor,
            null,
            ImageLimits.DEFAULT.withFolders(List.of(image.resolveSibling(""))),
            InstantSource.system(),
            new Random(7),
            Pause.real()),
        node);
  }

  private void settle() throws Exception {
    admin
        .resource(new GroupVersionResource("otherix", "v1", "clustersettings"))
        .apply(
            Json.parseObject(
                """
                {"apiVersion": "otherix/v1", "kind": "ClusterSettings",
                 "metadata": {"name": "cluster"},
                 "spec": {"defaultPool": "main", "allowedPoolPaths": ["%s"]}}
                """
                    .formatted(folder)));
    ctl.run("pool", "create", "main", "--node=n1", "--path=" + folder.resolve("pool")).succeeds();
  }

  Ctl ctl() {
    return ctl;
  }

  String endpoint() {
    return server.endpoint();
  }

  ApiClient admin() {
    return admin;
  }

  /// As the node itself.
  ApiClient node() {
    return node;
  }

  /// A machine that runs.
  ///
  /// @return its uid
  String machine(String name, String... more) throws InterruptedException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "vm",
                "create",
                name,
                "--image-url=" + image.toUri(),
                "--arch=amd64",
                "--firmware=bios",
                "--vcpus=1",
                "--memory-mb=256",
                "--wait",
                "--wait-timeout=90s"));
    all.addAll(List.of(more));
    ctl.run(all.toArray(String[]::new)).succeeds();
    return admin.resource(VMS).get(ObjectKey.clusterScoped(name)).at("/metadata/uid").asString("");
  }

  /// A client of a user of his own, over TLS.
  ApiClient person(String role, String name) throws InterruptedException {
    ctl.fed("a long enough phrase\n", "user", "create", name, "--role=" + role, "--password-stdin")
        .succeeds();
    String token =
        ctl.run("api-token", "create", "t-" + name, "--user=" + name, "--ttl=1h")
            .succeeds()
            .out()
            .lines()
            .findFirst()
            .orElseThrow();
    return overTls(token);
  }

  /// @param token empty for nobody
  ApiClient overTls(String token) throws InterruptedException {
    String authority = new String(admin.raw("GET", "/v1/ca", "", null), StandardCharsets.UTF_8);
    String pem = Json.parseObject(authority).at("/cas/0/cert_pem").asString("");
    Cluster cluster = new Cluster("", server.tlsEndpoint(), token, "", pem, "", "", false);
    return new ApiClient(cluster.connect(), ClientOptions.of("person"));
  }

  void stopAgent() {
    agent.close();
  }

  void startAgentAgain() throws Exception {
    agent = startAgent();
  }

  @Override
  public void close() {
    agent.close();
    node.close();
    admin.close();
    server.close();
  }
}
