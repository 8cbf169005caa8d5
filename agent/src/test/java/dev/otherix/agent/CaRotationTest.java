package dev.otherix.agent;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.MessageSource;
import dev.otherix.apimachinery.client.NodeFacts;
import dev.otherix.apimachinery.client.NodeJoin;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.pki.CaRotation;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.server.ServerTlsRenewal;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.controllers.access.Access;
import dev.otherix.controllers.access.FirstAdmin;
import dev.otherix.schemas.Schemas;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Certificates are renewed and the authority is replaced while 100 watchers and an agent are
/// connected. None of their streams may end.
@Tag("slow")
final class CaRotationTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");
  private static final String NODE = "n1";
  private static final String PASSWORD = "correct horse battery";
  private static final int CONNECTIONS = 20;
  private static final int WATCHES_EACH = 5;

  @TempDir private Path temp;
  private final Clock clock = new Clock();
  private final Semaphore looks = new Semaphore(0);
  private final Pause nextLook = _ -> looks.acquire();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Storage store;
  private CaRotation rotation;
  private ServerTlsRenewal serverRenewal;
  private URI address;
  private DataDirectory data;
  private ApiClient admin;
  private Path node;

  /// Behind the real time by what is left.
  private static final class Clock implements InstantSource {
    private volatile Duration behind = Duration.ofDays(300);

    @Override
    public Instant instant() {
      return Instant.now().minus(behind);
    }
  }

  /// Counts the streams that an agent has, and those that ended while nobody closed them.
  private static final class CountedStreams implements Transport {
    private final Transport transport;
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    CountedStreams(Transport transport) {
      this.transport = transport;
    }

    @Override
    public WireAnswer send(WireRequest request) throws InterruptedException {
      return transport.send(request);
    }

    @Override
    public Joined join(WireRequest request) throws InterruptedException {
      return transport.join(request);
    }

    @Override
    public Opened open(WireRequest request) throws InterruptedException {
      return switch (transport.open(request)) {
        case Opened.Stream stream -> {
          opened.incrementAndGet();
          yield new Opened.Stream(stream.head(), counted(stream.messages()));
        }
        case Opened.Refused refused -> refused;
      };
    }

    private MessageSource counted(MessageSource messages) {
      return new MessageSource() {
        @Override
        public Taken take(Duration atMost) throws InterruptedException {
          try {
            Taken taken = messages.take(atMost);
            if (taken instanceof Taken.End) {
              ended.incrementAndGet();
            }
            return taken;
          } catch (ConnectionException e) {
            ended.incrementAndGet();
            throw e;
          }
        }

        @Override
        public void close() {
          messages.close();
        }
      };
    }

    @Override
    public void close() {
      transport.close();
    }
  }

  @BeforeEach
  void start() throws Exception {
    Path folder = temp.resolve("server");
    DataDirectory.prepare(folder);
    store = new MemoryStorage(clock);
    rotation = openRotation();
    data = DataDirectory.of(folder, rotation.ca());
    serverRenewal =
        ServerTlsRenewal.start(() -> data.serverTls(List.of("127.0.0.1")), clock, nextLook);
    open.add(serverRenewal);
    rotation.onChange(serverRenewal::renew);
    ApiServer server =
        ApiServer.start(
            ApiServerOptions.of(store, Schemas.kinds())
                .withExtension(
                    Access.on(store, rotation.ca(), clock, RANDOM).withCaRotation(rotation))
                .withListeners(
                    List.of(
                        new Listener.Tcp(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            serverRenewal.tls()))));
    open.add(server);
    int port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
    address = URI.create("https://127.0.0.1:" + port);
    FirstAdmin.ensure(
        Map.of(FirstAdmin.USER_NAME, "root", FirstAdmin.PASSWORD, PASSWORD),
        server.resources(),
        server.registry());
    node = temp.resolve("node");
    admin = client(HttpTransport.to(bearer(login())));
  }

  private CaRotation openRotation() throws Exception {
    Path pki = DataDirectory.pki(temp.resolve("server"));
    return CaRotation.open(pki, new Records(store, CaRotation.AREA), clock, RANDOM);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Kubeconfig bearer(String token) {
    return new Kubeconfig(address, Pem.write(rotation.ca().trusted()), "", "", token, "");
  }

  private ApiClient client(Transport transport) {
    ApiClient client = new ApiClient(transport, ClientOptions.of("test"));
    open.add(client);
    return client;
  }

  private String login() throws InterruptedException {
    byte[] answer =
        client(HttpTransport.to(bearer("")))
            .raw(
                "POST",
                "/v1/auth/login",
                "",
                Json.parseObject(
                    "{\"username\": \"root\", \"password\": \"%s\"}".formatted(PASSWORD)));
    return Json.decode(answer, Limits.REQUEST).tree().path("access_token").asString("");
  }

  private List<Watcher> watchers(String token) throws InterruptedException {
    List<Watcher> watchers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      ResourceClient maps = client(HttpTransport.to(bearer(token))).resource(MAPS);
      for (int j = 0; j < WATCHES_EACH; j++) {
        watchers.add(Watcher.start(maps));
      }
    }
    open.addAll(watchers);
    return watchers;
  }

  private CountedStreams startAgent() throws Exception {
    String token =
        resource("jointokens")
            .create(object("JoinToken", "t", "{\"ttlSeconds\": 600}"))
            .at("/status/token")
            .asString("");
    NodeCredentials.write(
        node,
        new NodeJoin(RANDOM)
            .join(address, rotation.ca().fingerprint(), token, NodeFacts.of(NODE, "amd64")),
        address);
    HttpTransport transport = HttpTransport.to(NodeCredentials.read(node).server());
    CountedStreams counted = new CountedStreams(transport);
    AgentOptions options =
        new AgentOptions(
            NODE,
            temp.resolve("agent"),
            "amd64",
            "1.2.3",
            new SimulatedHypervisor(),
            null,
            ImageLimits.DEFAULT.withFolders(List.of(temp)),
            InstantSource.system(),
            new Random(7),
            Pause.real());
    open.add(Agent.start(options, client(counted)));
    open.add(CertificateRenewal.start(node, transport, new NodeJoin(RANDOM), clock, nextLook));
    return counted;
  }

  private ResourceClient resource(String plural) {
    return admin.resource(new GroupVersionResource("otherix", "v1", plural));
  }

  private static ObjectNode object(String kind, String name, String spec) {
    return Json.parseObject(
        """
        {"apiVersion": "otherix/v1", "kind": "%s", "metadata": {"name": "%s"}, "spec": %s}
        """
            .formatted(kind, name, spec));
  }

  private void makeMap(String name) throws InterruptedException {
    admin
        .resource(MAPS)
        .create(
            Json.parseObject(
                """
                {"apiVersion": "v1", "kind": "ConfigMap",
                 "metadata": {"name": "%s", "namespace": "default"}}
                """
                    .formatted(name)));
  }

  private String phase(String step) throws InterruptedException {
    ObjectNode body = Json.parseObject("{\"step\": \"%s\"}".formatted(step));
    byte[] answer = admin.raw("POST", "/v1/ca/rotation", "", body);
    return Json.decode(answer, Limits.REQUEST).tree().path("phase").asString("");
  }

  private X509Certificate nodeCertificate() throws Exception {
    return Pem.readCertificates(Files.readString(node.resolve("node.crt")), "node.crt").getFirst();
  }

  private void awaitNode(String what, ThrowingCondition condition) {
    await()
        .alias(what)
        .atMost(PATIENCE)
        .until(() -> {
          // One look for each of the two who renew.
          looks.release(2);
          return condition.holds();
        });
  }

  @FunctionalInterface
  private interface ThrowingCondition {
    boolean holds() throws Exception;
  }

  @Test
  void renewalAndRotation_with100WatchersAndAnAgent_loseNobody() throws Exception {
    String token =
        resource("apitokens")
            .create(object("APIToken", "t", "{\"user\": \"root\", \"displayName\": \"t\"}"))
            .at("/status/token")
            .asString("");
    admin = client(HttpTransport.to(bearer(token)));
    List<Watcher> watchers = watchers(token);
    CountedStreams agent = startAgent();
    await().atMost(PATIENCE).until(() -> agent.opened.get() > 0 && seesNode());
    makeMap("joined");
    final int streams = agent.opened.get();

    X509Certificate firstOfNode = nodeCertificate();
    clock.behind = Duration.ZERO;
    awaitNode("renewed", () -> !nodeCertificate().equals(firstOfNode));
    makeMap("renewed");

    assertEquals("Started", phase("start"));
    X509Certificate former = rotation.ca().certificate();
    awaitNode("both trusted", () -> authorities().size() == 2);
    makeMap("started");
    assertEquals("Switched", phase("switch"));
    String refusal = assertThrows(ApiException.class, () -> phase("finish")).status().message();
    assertTrue(refusal.contains(NODE), refusal);
    awaitNode(
        "node has another signer",
        () ->
            nodeCertificate()
                .getIssuerX500Principal()
                .equals(rotation.ca().signer().getSubjectX500Principal()));
    makeMap("switched");
    assertEquals("Stable", phase("finish"));
    awaitNode("former is not trusted", () -> !authorities().contains(former));
    makeMap("finished");

    for (Watcher each : watchers) {
      await().atMost(PATIENCE).until(() -> each.saw("finished") || !each.ended().isEmpty());
      assertEquals("", each.ended());
      assertEquals(List.of("joined", "renewed", "started", "switched", "finished"), each.names());
    }
    assertEquals(0, agent.ended.get());
    assertEquals(streams, agent.opened.get());
    assertAgentActs();
    assertFormerAuthorityIsNothing(former);
  }

  private boolean seesNode() throws InterruptedException {
    return resource("nodes")
        .get(ObjectKey.clusterScoped(NODE))
        .at("/status/agentVersion")
        .asString("")
        .equals("1.2.3");
  }

  private List<X509Certificate> authorities() throws Exception {
    return Pem.readCertificates(Files.readString(node.resolve("ca.crt")), "ca.crt");
  }

  /// The agent still hears of its machines and may still write.
  private void assertAgentActs() throws Exception {
    Kubeconfig onDisk = NodeCredentials.read(node).server();
    ApiClient again = client(HttpTransport.to(onDisk));
    again.resource(new GroupVersionResource("otherix", "v1", "nodes")).get(key());
    resource("nodes")
        .mergePatch(
            key(), "", Json.parseObject("{\"metadata\": {\"labels\": {\"after\": \"rotation\"}}}"));
    assertTrue(seesNode());
  }

  private static ObjectKey key() {
    return ObjectKey.clusterScoped(NODE);
  }

  private void assertFormerAuthorityIsNothing(X509Certificate former) {
    Kubeconfig onlyFormer = new Kubeconfig(address, Pem.write(List.of(former)), "", "", "", "");
    ApiClient stranger = client(HttpTransport.to(onlyFormer));
    assertThrows(ConnectionException.class, () -> stranger.getRaw("/v1/ca"));
  }

  /// A restart between any two steps goes on where it was.
  @Test
  void restart_betweenSteps_goesOn() throws Exception {
    X509Certificate former = rotation.ca().certificate();
    rotation.start();
    CaRotation second = openRotation();
    assertEquals(CaRotation.Phase.STARTED, second.phase());
    assertEquals(rotation.ca().trusted(), second.ca().trusted());
    second.switchSigning();
    CaRotation third = openRotation();
    assertEquals(former, third.ca().certificate());
    assertEquals(second.ca().signer(), third.ca().signer());
    third.finish();
    CaRotation fourth = openRotation();
    assertEquals(List.of(third.ca().signer()), fourth.ca().trusted());
    assertEquals(CaRotation.Phase.STABLE, fourth.phase());
  }
}
