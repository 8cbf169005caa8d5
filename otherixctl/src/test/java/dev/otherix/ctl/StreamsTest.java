package dev.otherix.ctl;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.Agent;
import dev.otherix.agent.AgentOptions;
import dev.otherix.agent.NodeCredentials;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.ClientOptions;
import dev.otherix.apimachinery.client.HttpTransport;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.client.UnixTransport;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Cluster;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Consoles, screens and logs from a person's client through the server to a node that has joined.
final class StreamsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final GroupVersionResource VMS = new GroupVersionResource("otherix", "v1", "vms");

  @TempDir Path folder;
  private final SimulatedHypervisor hypervisor = new SimulatedHypervisor();
  private TestServer server;
  private Ctl ctl;
  private ApiClient admin;
  private ApiClient node;
  private Agent agent;
  private String uid;

  @BeforeEach
  void start() throws Exception {
    server = TestServer.start(folder);
    ctl = new Ctl(Map.of("OTHERIX_SERVER", server.endpoint()));
    admin =
        new ApiClient(
            UnixTransport.to(folder.resolve("api.sock")), ClientOptions.of("streams-test"));
    join();
    agent = startAgent();
    settle();
    Path image = Files.write(folder.resolve("a.img"), new byte[4096]);
    ctl.run(
            "vm",
            "create",
            "web",
            "--image-url=" + image.toUri(),
            "--arch=amd64",
            "--firmware=bios",
            "--format=raw",
            "--no-cloud-init",
            "--memory-mb=256",
            "--wait",
            "--wait-timeout=60s")
        .succeeds();
    uid = admin.resource(VMS).get(ObjectKey.clusterScoped("web")).at("/metadata/uid").asString("");
  }

  private void join() throws Exception {
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
    node =
        new ApiClient(
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
            ImageLimits.DEFAULT.withFolders(List.of(folder)),
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

  @AfterEach
  void stop() {
    agent.close();
    node.close();
    admin.close();
    server.close();
  }

  private ObjectNode ticket(ApiClient client, String stream) throws InterruptedException {
    return client.resource(VMS).perform(ObjectKey.clusterScoped("web"), stream, null);
  }

  private ByteSocket open(ApiClient client, String stream) throws InterruptedException {
    ObjectNode ticket = ticket(client, stream);
    return redeem(client, ticket.path("token").asString(""));
  }

  private static ByteSocket redeem(ApiClient client, String token) throws InterruptedException {
    return client.socket("/v1/streams", "token=" + token);
  }

  private static void type(ByteSocket socket, String text) throws InterruptedException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    socket.send(bytes, 0, bytes.length);
  }

  private static void awaitText(ByteSocket socket, String text) throws InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (!all.toString(StandardCharsets.UTF_8).contains(text)) {
      byte[] part = socket.receive();
      assertNotNull(part, () -> "ended after: " + all.toString(StandardCharsets.UTF_8));
      all.writeBytes(part);
    }
  }

  private static int refused(ThrowingCall call) {
    return assertThrows(ApiException.class, call::run).code();
  }

  @FunctionalInterface
  private interface ThrowingCall {
    void run() throws InterruptedException;
  }

  @Test
  void console_roundTrip_isRaw_andBeginsWithTheLog() throws Exception {
    hypervisor.print(uid, "before\u0007\n");
    try (ByteSocket console = open(admin, "console")) {
      awaitText(console, "before\r\n\r\n[otherix: the console is connected");
      type(console, "ls\r\u001b[A\b");
      awaitText(console, "ls\r\u001b[A\b");
      hypervisor.print(uid, "\u0007done");
      awaitText(console, "\u0007done");
    }
    assertEquals("ls\r\u001b[A\b", hypervisor.typed(uid));
  }

  @Test
  void console_largeOutput_arrivesWholeOverTls() throws Exception {
    ApiClient person = person("developer", "ada");
    ctl.run("annotate", "vm", "web", "otherix/owner=ada", "--overwrite").succeeds();
    try (ByteSocket console = open(person, "console")) {
      byte[] big = new byte[100_000];
      new Random(3).nextBytes(big);
      for (int i = 0; i < big.length; i += 1000) {
        console.send(big, i, 1000);
      }
      ByteArrayOutputStream back = new ByteArrayOutputStream();
      while (back.size() < big.length) {
        byte[] part = console.receive();
        assertNotNull(part);
        back.writeBytes(part);
      }
      assertArrayEquals(big, back.toByteArray());
    }
    person.close();
  }

  private ApiClient person(String role, String name) throws InterruptedException {
    ctl.fed("a long enough phrase\n", "user", "create", name, "--role=" + role, "--password-stdin")
        .succeeds();
    String token =
        ctl.run("api-token", "create", "t-" + name, "--user=" + name, "--ttl=1h")
            .succeeds()
            .out()
            .lines()
            .findFirst()
            .orElseThrow();
    String authority = new String(admin.raw("GET", "/v1/ca", "", null), StandardCharsets.UTF_8);
    String pem = Json.parseObject(authority).at("/cas/0/cert_pem").asString("");
    Cluster cluster = new Cluster("", server.tlsEndpoint(), token, "", pem, "", "");
    return new ApiClient(cluster.connect(), ClientOptions.of("person"));
  }

  @Test
  void token_usedTwice_orNeverIssued_isRefused() throws Exception {
    String token = ticket(admin, "console").path("token").asString("");
    assertTrue(token.startsWith("otx_stream_"), token);
    redeem(admin, token).close();
    assertEquals(401, refused(() -> redeem(admin, token)));
    assertEquals(401, refused(() -> redeem(admin, "otx_stream_made-up")));
    assertEquals(401, refused(() -> redeem(admin, "")));
    assertEquals(400, refused(() -> admin.getRaw("/v1/streams")));
  }

  @Test
  void token_opensWithoutOtherCredentials() throws Exception {
    String token = ticket(admin, "console").path("token").asString("");
    String authority = new String(admin.raw("GET", "/v1/ca", "", null), StandardCharsets.UTF_8);
    String pem = Json.parseObject(authority).at("/cas/0/cert_pem").asString("");
    Cluster nobody = new Cluster("", server.tlsEndpoint(), "", "", pem, "", "");
    try (ApiClient anonymous = new ApiClient(nobody.connect(), ClientOptions.of("browser"));
        ByteSocket console = redeem(anonymous, token)) {
      type(console, "hi");
      awaitText(console, "hi");
    }
  }

  @Test
  void roles_othersMachine_isHidden_andViewersMayNot() throws Exception {
    try (ApiClient stranger = person("developer", "bob");
        ApiClient viewer = person("viewer", "eve")) {
      for (String stream : List.of("console", "vnc")) {
        assertEquals(404, refused(() -> ticket(stranger, stream)));
        assertEquals(403, refused(() -> ticket(viewer, stream)));
      }
      assertEquals(404, refused(() -> log(stranger, "")));
      assertEquals(403, refused(() -> log(viewer, "")));
      assertEquals(403, refused(() -> stranger.messages("/v1/calls/n1", "")));
      assertEquals(403, refused(() -> node.messages("/v1/calls/n2", "")));
    }
  }

  private static ByteSocket log(ApiClient client, String query) throws InterruptedException {
    return client.socket("/apis/otherix/v1/vms/web/log", query);
  }

  @Test
  void console_secondPerson_isRefused_untilTheFirstHasLeft() throws Exception {
    ByteSocket first = open(admin, "console");
    assertEquals(409, refused(() -> open(admin, "console")));
    first.close();
    await()
        .atMost(PATIENCE)
        .until(() -> {
          try (ByteSocket second = open(admin, "console")) {
            type(second, "mine");
            awaitText(second, "mine");
            return true;
          } catch (ApiException e) {
            return false;
          }
        });
  }

  @Test
  void console_ofStoppedMachine_isRefused_andEndsWhenTheMachineStops() throws Exception {
    ByteSocket console = open(admin, "console");
    ctl.run("vm", "poweroff", "web", "--wait").succeeds();
    byte[] part = console.receive();
    while (part != null) {
      part = console.receive();
    }
    ApiException refused = assertThrows(ApiException.class, () -> open(admin, "console"));
    assertEquals(409, refused.code());
    assertTrue(refused.status().message().contains("otherixctl vm start web"), refused::toString);
  }

  @Test
  void vnc_isBytesBothWays_forSeveral() throws Exception {
    try (ByteSocket screen = open(admin, "vnc")) {
      type(screen, "RFB 003.008\n");
      awaitText(screen, "RFB 003.008\n");
    }
  }

  @Test
  void log_tail_plainAndAsSocket_isSanitised() throws Exception {
    hypervisor.print(uid, "one\r\ntwo\u001b[2J\u0007\n\u001b[31mthree\u001b[0m\n");
    String path = "/apis/otherix/v1/vms/web/log";
    assertEquals(
        "one\ntwo\n\u001b[31mthree\u001b[0m\n",
        new String(admin.raw("GET", path, "", null), StandardCharsets.UTF_8));
    assertEquals("", new String(admin.raw("GET", path, "tail=0", null), StandardCharsets.UTF_8));
    try (ByteSocket log = log(admin, "tail=2")) {
      awaitText(log, "two\n\u001b[31mthree\u001b[0m\n");
      assertEquals(null, log.receive());
    }
    assertEquals(400, refused(() -> log(admin, "tail=many")));
    assertEquals(400, refused(() -> log(admin, "follow=maybe")));
  }

  @Test
  void log_follow_goesOn_forManyReaders() throws Exception {
    hypervisor.print(uid, "first\n");
    try (ByteSocket one = log(admin, "follow=true");
        ByteSocket two = log(admin, "follow=true&tail=0")) {
      awaitText(one, "first\n");
      hypervisor.print(uid, "login: ");
      awaitText(one, "login: ");
      awaitText(two, "login: ");
    }
  }

  @Test
  void agent_gone_isToldClearly_andComesBack() throws Exception {
    ByteSocket console = open(admin, "console");
    agent.close();
    byte[] part = console.receive();
    while (part != null) {
      part = console.receive();
    }
    await()
        .atMost(PATIENCE)
        .until(() -> {
          try {
            ticket(admin, "console");
            return false;
          } catch (ApiException e) {
            return e.code() == 503 && e.status().message().contains("agent of node n1");
          }
        });
    agent = startAgent();
    hypervisor.print(uid, "while nobody looked\n");
    await()
        .atMost(PATIENCE)
        .until(() -> {
          try (ByteSocket again = open(admin, "console")) {
            awaitText(again, "while nobody looked");
            type(again, "back");
            awaitText(again, "back");
            return true;
          } catch (ApiException e) {
            return false;
          }
        });
  }

  @Test
  void stream_ofNoMachine_is404() {
    ObjectKey none = ObjectKey.clusterScoped("none-" + UUID.randomUUID());
    assertEquals(404, refused(() -> admin.resource(VMS).perform(none, "console", null)));
    ObjectNode body = Json.parseObject("{\"tailLines\": 100000}");
    ObjectKey web = ObjectKey.clusterScoped("web");
    assertEquals(400, refused(() -> admin.resource(VMS).perform(web, "console", body)));
    assertEquals(400, refused(() -> admin.resource(VMS).perform(web, "vnc", body)));
  }
}
