package dev.otherix.agent;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ApiWatch;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.NodeFacts;
import dev.otherix.apimachinery.client.NodeJoin;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WatchEvent;
import dev.otherix.apimachinery.client.WatchOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apiserver.auth.ClientCertificates;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.server.DataDirectory;
import dev.otherix.apiserver.server.ServerTlsRenewal;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.controllers.access.Access;
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
import java.util.List;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server and a node whose certificates were made most of a year ago.
final class CertificateRenewalTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final GroupVersionResource MAPS = new GroupVersionResource("", "v1", "configmaps");
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir private Path temp;
  private final Clock clock = new Clock();
  private final Semaphore hours = new Semaphore(0);
  private final Pause nextHour = _ -> hours.acquire();
  private ServerTlsRenewal serverRenewal;
  private ApiServer server;
  private URI address;
  private Kubeconfig admin;
  private Path node;

  /// Behind the real time by what is left.
  private static final class Clock implements InstantSource {
    private volatile Duration behind = Duration.ofDays(300);

    @Override
    public Instant instant() {
      return Instant.now().minus(behind);
    }
  }

  @BeforeEach
  void start() throws Exception {
    DataDirectory data = DataDirectory.open(temp.resolve("server"), clock, RANDOM);
    serverRenewal =
        ServerTlsRenewal.start(() -> data.serverTls(List.of("127.0.0.1")), clock, nextHour);
    Storage store = new MemoryStorage(clock);
    server =
        ApiServer.start(
            ApiServerOptions.of(store, Schemas.kinds())
                .withAuthenticators(List.of(new ClientCertificates()))
                .withExtension(Access.on(store, data.ca(), clock, RANDOM))
                .withListeners(
                    List.of(
                        new Listener.Tcp(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            serverRenewal.tls()))));
    int port = ((InetSocketAddress) server.addresses().getFirst()).getPort();
    address = URI.create("https://127.0.0.1:" + port);
    admin = Kubeconfig.read(data.writeKubeconfig(address));
    node = temp.resolve("node");
    try (ApiClient client = new ApiClient(HttpTransport.to(admin), ClientOptions.of("test"))) {
      String token =
          client
              .resource(new GroupVersionResource("otherix", "v1", "jointokens"))
              .create(
                  Json.parseObject(
                      """
                      {"apiVersion": "otherix/v1", "kind": "JoinToken",
                       "metadata": {"name": "t"}, "spec": {"ttlSeconds": 600}}
                      """))
              .at("/status/token")
              .asString("");
      NodeCredentials.write(
          node,
          new NodeJoin(RANDOM)
              .join(address, data.ca().fingerprint(), token, NodeFacts.of("n1", "amd64")),
          address);
    }
  }

  @AfterEach
  void stop() {
    server.close();
    serverRenewal.close();
  }

  private X509Certificate shown() throws Exception {
    SSLContext anybody = SSLContext.getInstance("TLS");
    anybody.init(null, new TrustManager[] {new Anybody()}, null);
    try (SSLSocket socket =
        (SSLSocket) anybody.getSocketFactory().createSocket(address.getHost(), address.getPort())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Test
  void renewal_ofBothSides_keepsConnectionsOpen() throws Exception {
    X509Certificate first = shown();
    String certificate = Files.readString(node.resolve("node.crt"));
    HttpTransport transport = HttpTransport.to(NodeCredentials.read(node).server());
    try (ApiClient administrator =
            new ApiClient(HttpTransport.to(admin), ClientOptions.of("test"));
        ApiWatch watch =
            administrator.resource(MAPS).watch(WatchOptions.ALL.inNamespace("default"));
        ApiClient asNode = new ApiClient(transport, ClientOptions.of("test"));
        CertificateRenewal _ =
            CertificateRenewal.start(node, transport, new NodeJoin(RANDOM), clock, nextHour)) {
      ResourceClient nodes = asNode.resource(new GroupVersionResource("otherix", "v1", "nodes"));
      hours.release(2);
      assertEquals("n1", nodes.get(key("n1")).at("/metadata/name").asString(""));
      assertEquals(certificate, Files.readString(node.resolve("node.crt")), "before it is time");

      clock.behind = Duration.ZERO;
      hours.release(4);
      await()
          .atMost(PATIENCE)
          .until(() -> !certificate.equals(Files.readString(node.resolve("node.crt"))));
      await()
          .atMost(PATIENCE)
          .until(() -> !first.getSerialNumber().equals(shown().getSerialNumber()));
      assertFalse(Files.exists(node.resolve("node.next")));

      administrator
          .resource(MAPS)
          .create(
              Json.parseObject(
                  """
                  {"apiVersion": "v1", "kind": "ConfigMap",
                   "metadata": {"name": "m", "namespace": "default"}}
                  """));
      WatchEvent event = watch.next(PATIENCE);
      while (event instanceof WatchEvent.Changed changed
          && !changed.object().at("/metadata/name").asString("").equals("m")) {
        event = watch.next(PATIENCE);
      }
      assertEquals(WatchEvent.Changed.class, event.getClass());
      assertEquals("n1", nodes.get(key("n1")).at("/metadata/name").asString(""));
    }
    try (ApiClient again =
        new ApiClient(
            HttpTransport.to(NodeCredentials.read(node).server()), ClientOptions.of("test"))) {
      again.resource(new GroupVersionResource("otherix", "v1", "nodes")).get(key("n1"));
    }
  }

  private static ObjectKey key(String name) {
    return ObjectKey.clusterScoped(name);
  }

  @Test
  void renewal_thatACrashCutShort_isFinishedWhenRead() throws Exception {
    String key = Files.readString(node.resolve("node.key"));
    String certificate = Files.readString(node.resolve("node.crt"));
    Files.writeString(node.resolve("node.next"), key + certificate);
    Files.writeString(node.resolve("node.key"), "cut short");
    assertEquals(key, NodeCredentials.read(node).server().key());
    assertEquals(certificate, Files.readString(node.resolve("node.crt")));
    assertFalse(Files.exists(node.resolve("node.next")));
    assertNotEquals("", NodeCredentials.read(node).node());
  }
}
