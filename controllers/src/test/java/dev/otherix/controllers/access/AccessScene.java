package dev.otherix.controllers.access;

import static org.awaitility.Awaitility.await;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.NodeFacts;
import dev.otherix.apimachinery.client.NodeIdentity;
import dev.otherix.apimachinery.client.NodeJoin;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.http.ReloadableTls;
import dev.otherix.apiserver.http.TlsMaterial;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.pki.CaRotation;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Credential;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.secrets.DataKeys;
import dev.otherix.apiserver.secrets.MasterKey;
import dev.otherix.apiserver.secrets.SealedStorage;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.schemas.Schemas;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/// A server with all its rules of access, on a TLS port, in memory.
final class AccessScene implements AutoCloseable {
  static final SecureRandom RANDOM = new SecureRandom();

  private final Storage raw = new MemoryStorage(InstantSource.system());
  private final SealedStorage store;
  private final List<Transport> open = new ArrayList<>();
  private final Clock clock = new Clock();
  private final CaRotation rotation;
  private final ClusterCa ca;
  private final ApiServer server;
  private final URI address;

  /// The real time and what a test adds to it.
  static final class Clock implements InstantSource {
    private volatile Duration ahead = Duration.ZERO;

    @Override
    public Instant instant() {
      return Instant.now().plus(ahead);
    }

    void advance(Duration by) {
      ahead = ahead.plus(by);
    }
  }

  AccessScene(Path folder) throws IOException, InterruptedException {
    store =
        new SealedStorage(
            raw,
            DataKeys.open(
                raw, MasterKey.ofFile(folder.resolve("secrets.key"), RANDOM), clock, RANDOM),
            List.of(Resource.prefix("", "secrets"), Records.ROOT),
            InstantSource.system(),
            RANDOM);
    rotation =
        CaRotation.open(folder.resolve("pki"), new Records(store, CaRotation.AREA), clock, RANDOM);
    ca = rotation.ca();
    ReloadableTls tls = new ReloadableTls(serverTls());
    rotation.onChange(() -> tls.replace(serverTls()));
    server =
        ApiServer.start(
            ApiServerOptions.of(store, Schemas.kinds())
                .withAuthenticators(List.of(new ClientCertificates()))
                .withExtension(
                    Access.on(store, ca, clock, RANDOM)
                        .withRotation(store::reseal)
                        .withCaRotation(rotation))
                .withListeners(
                    List.of(
                        new Listener.Tcp(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls))));
    int port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
    address = URI.create("https://127.0.0.1:" + port);
  }

  private TlsMaterial serverTls() {
    Credential own = ca.issueServer("localhost", List.of("localhost", "127.0.0.1"));
    return new TlsMaterial(own.chain(), own.key(), ca.trusted());
  }

  Clock clock() {
    return clock;
  }

  ClusterCa ca() {
    return ca;
  }

  Storage store() {
    return store;
  }

  /// What stands in the store, as a thief of its files would read it.
  String dump() {
    StringBuilder all = new StringBuilder();
    for (String prefix : List.of("/registry/", "/otherix/")) {
      for (Entry each : raw.list(prefix, "", 0, ReadAt.LATEST).entries()) {
        all.append(each.key()).append(' ');
        all.append(new String(each.value(), StandardCharsets.ISO_8859_1)).append('\n');
      }
    }
    return all.toString();
  }

  ApiServer server() {
    return server;
  }

  URI address() {
    return address;
  }

  ApiClient admin() {
    return client(certified("admin", Caller.MASTERS));
  }

  Kubeconfig certified(String name, String... groups) {
    Credential credential = ca.issueClient(name, List.of(groups));
    return new Kubeconfig(
        address,
        Pem.write(ca.trusted()),
        Pem.write(credential.chain()),
        Pem.write(credential.key()),
        "",
        "");
  }

  Kubeconfig anonymous() {
    return new Kubeconfig(address, Pem.write(ca.trusted()), "", "", "", "");
  }

  ApiClient client(Kubeconfig config) {
    return new ApiClient(transport(config), ClientOptions.of("test"));
  }

  Transport transport(Kubeconfig config) {
    Transport transport = HttpTransport.to(config);
    open.add(transport);
    return transport;
  }

  /// The answer's body behind its status.
  record Told(int status, ObjectNode body) {}

  Told send(Kubeconfig config, String method, String path, String body)
      throws InterruptedException {
    WireAnswer answer =
        transport(config)
            .send(
                new WireRequest(
                    method,
                    path,
                    "",
                    Map.of("content-type", "application/json"),
                    body.getBytes(StandardCharsets.UTF_8),
                    Duration.ofSeconds(30)));
    return new Told(
        answer.status(), Json.parseObject(new String(answer.body(), StandardCharsets.UTF_8)));
  }

  static ResourceClient of(ApiClient client, String plural) {
    return client.resource(new GroupVersionResource("otherix", "v1", plural));
  }

  static ObjectNode object(String kind, String name, String spec) {
    return Json.parseObject(
        """
        {"apiVersion": "otherix/v1", "kind": "%s", "metadata": {"name": "%s"}, "spec": %s}
        """
            .formatted(kind, name, spec));
  }

  /// Waits until the server has the object in memory, where it decides who may do what.
  void awaitCached(String plural, String name) {
    Resource resource = Objects.requireNonNull(server.resources().find("otherix", plural));
    await().until(() -> resource.peek("", name) != null);
  }

  /// Makes a join token; what the answer shows.
  ObjectNode joinToken(String name, String spec) throws InterruptedException {
    return of(admin(), "jointokens").create(object("JoinToken", name, spec));
  }

  NodeIdentity join(String token, String node) throws InterruptedException {
    return new NodeJoin(RANDOM).join(address, ca.fingerprint(), token, NodeFacts.of(node, "amd64"));
  }

  /// A client as a node that has joined.
  ApiClient node(String name) throws InterruptedException {
    ObjectNode token = joinToken("for-" + name, "{}");
    return client(join(token.at("/status/token").asString(), name).at(address));
  }

  @Override
  public void close() {
    open.forEach(Transport::close);
    server.close();
  }
}
