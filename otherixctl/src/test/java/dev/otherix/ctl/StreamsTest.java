package dev.otherix.ctl;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.simulated.SimulatedHypervisor;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.progress.Terminal;
import dev.otherix.ctl.stream.ConsoleCommand;
import dev.otherix.ctl.stream.ForwardCommand;
import dev.otherix.ctl.stream.VncCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.node.ObjectNode;

/// Consoles, screens and logs from a person's client through the server to a node that has joined.
@Tag("slow")
final class StreamsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path folder;
  private final SimulatedHypervisor hypervisor = new SimulatedHypervisor();
  private NodeScene scene;
  private ApiClient admin;
  private String uid;

  @BeforeEach
  void start() throws Exception {
    Path image = Files.write(folder.resolve("a.img"), new byte[4096]);
    scene = new NodeScene(folder, hypervisor, image);
    admin = scene.admin();
    uid = scene.machine("web", "--format=raw", "--no-cloud-init");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  private ObjectNode ticket(ApiClient client, String stream) throws InterruptedException {
    return client.resource(NodeScene.VMS).perform(ObjectKey.clusterScoped("web"), stream, null);
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
    ApiClient person = scene.person("developer", "ada");
    scene.ctl().run("annotate", "vm", "web", "otherix/owner=ada", "--overwrite").succeeds();
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
    try (ApiClient anonymous = scene.overTls("");
        ByteSocket console = redeem(anonymous, token)) {
      type(console, "hi");
      awaitText(console, "hi");
    }
  }

  @Test
  void roles_othersMachine_isHidden_andViewersMayNot() throws Exception {
    try (ApiClient stranger = scene.person("developer", "bob");
        ApiClient viewer = scene.person("viewer", "eve")) {
      for (String stream : List.of("console", "vnc")) {
        assertEquals(404, refused(() -> ticket(stranger, stream)));
        assertEquals(403, refused(() -> ticket(viewer, stream)));
      }
      assertEquals(404, refused(() -> log(stranger, "")));
      assertEquals(403, refused(() -> log(viewer, "")));
      assertEquals(403, refused(() -> stranger.messages("/v1/calls/n1", "")));
      assertEquals(403, refused(() -> scene.node().messages("/v1/calls/n2", "")));
    }
  }

  private static ByteSocket log(ApiClient client, String query) throws InterruptedException {
    return client.socket("/apis/otherix/v1/vms/web/log", query);
  }

  private void own(String person) {
    scene.ctl().run("annotate", "vm", "web", "otherix/owner=" + person, "--overwrite").succeeds();
  }

  private static void awaitEnd(ByteSocket socket) throws InterruptedException {
    byte[] part = socket.receive();
    while (part != null) {
      part = socket.receive();
    }
  }

  @Test
  void streams_ofWhoHasLostTheRight_end_alsoIdleOnes() throws Exception {
    own("ada");
    try (ApiClient ada = scene.person("developer", "ada");
        ByteSocket console = open(ada, "console");
        ByteSocket screen = open(ada, "vnc");
        ByteSocket log = log(ada, "follow=true");
        ByteSocket others = log(admin, "follow=true")) {
      type(console, "mine");
      awaitText(console, "mine");
      String unused = ticket(ada, "vnc").path("token").asString("");
      own("bob");
      awaitEnd(console);
      awaitEnd(screen);
      awaitEnd(log);
      assertEquals(401, refused(() -> redeem(ada, unused)));
      hypervisor.print(uid, "still there\n");
      awaitText(others, "still there\n");
    }
  }

  @Test
  void console_ofWhoHasLostTheRole_ends() throws Exception {
    own("ada");
    try (ApiClient ada = scene.person("developer", "ada");
        ByteSocket console = open(ada, "console")) {
      type(console, "mine");
      awaitText(console, "mine");
      scene
          .ctl()
          .run("patch", "user", "ada", "--type=merge", "-p", "{\"spec\": {\"role\": \"viewer\"}}")
          .succeeds();
      awaitEnd(console);
    }
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
    scene.ctl().run("vm", "poweroff", "web", "--wait").succeeds();
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
  void forward_roles_portsAndMachinesWithoutNetworks_areRefusedClearly() throws Exception {
    own("ada");
    try (ApiClient stranger = scene.person("developer", "bob");
        ApiClient viewer = scene.person("viewer", "eve")) {
      assertEquals(404, refused(() -> forward(stranger, "{\"port\": 22}")));
      assertEquals(403, refused(() -> forward(viewer, "{\"port\": 22}")));
    }
    for (String each : List.of("{}", "{\"port\": 0}", "{\"port\": 65536}", "{\"tailLines\": 2}")) {
      assertEquals(400, refused(() -> forward(admin, each)), each);
    }
    ApiException refused = assertThrows(ApiException.class, () -> forward(admin, "{\"port\": 22}"));
    assertEquals(409, refused.code());
    assertTrue(refused.status().message().contains("no networks of its own"), refused::toString);
    scene.ctl().run("vm", "poweroff", "web", "--wait").succeeds();
    refused = assertThrows(ApiException.class, () -> forward(admin, "{\"port\": 22}"));
    assertTrue(refused.status().message().contains("otherixctl vm start web"), refused::toString);
  }

  private static ByteSocket forward(ApiClient client, String body) throws InterruptedException {
    ObjectNode ticket =
        client
            .resource(NodeScene.VMS)
            .perform(ObjectKey.clusterScoped("web"), "portforward", Json.parseObject(body));
    return redeem(client, ticket.path("token").asString(""));
  }

  @Test
  void forwardCommand_whoConnectsInVain_isCutOff_andThePersonIsTold() throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Session session = new Session(Map.of("OTHERIX_SERVER", scene.endpoint()));
    ForwardCommand command =
        new ForwardCommand(session, InputStream.nullInputStream(), OutputStream.nullOutputStream());
    Thread run =
        Thread.ofVirtual()
            .start(() ->
                new CommandLine(command)
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(err))
                    .execute("web", "22"));
    await().atMost(PATIENCE).until(() -> out.toString().startsWith("127.0.0.1:"));
    int port = Integer.parseInt(out.toString().strip().substring("127.0.0.1:".length()));
    for (int i = 0; i < 2; i++) {
      try (Socket near = new Socket(InetAddress.getLoopbackAddress(), port)) {
        near.setSoTimeout((int) PATIENCE.toMillis());
        assertThrows(IOException.class, () -> near.getInputStream().read());
      }
    }
    await().atMost(PATIENCE).until(() -> err.toString().contains("no networks of its own"));
    run.interrupt();
    run.join();
    session.close();
  }

  @Test
  void forwardCommand_wrongWords_areTold() {
    for (String[] each :
        new String[][] {
          {"web", "no"}, {"web", "0"}, {"web", "70000:22"}, {"web", "80:22", "-L", "127.0.0.1:9"}
        }) {
      List<String> words = new ArrayList<>(List.of("forward"));
      words.addAll(List.of(each));
      scene.ctl().run(words.toArray(String[]::new)).fails(2);
    }
    scene.ctl().run("forward", "none", "22").fails(5);
    scene.ctl().run("ssh", "none").fails(5);
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
        ByteSocket two = log(admin, "follow=true&tail=1")) {
      awaitText(one, "first\n");
      awaitText(two, "first\n");
      hypervisor.print(uid, "login: ");
      awaitText(one, "login: ");
      awaitText(two, "login: ");
    }
  }

  @Test
  void agent_gone_isToldClearly_andComesBack() throws Exception {
    ByteSocket console = open(admin, "console");
    scene.stopAgent();
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
    scene.startAgentAgain();
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
    assertEquals(404, refused(() -> admin.resource(NodeScene.VMS).perform(none, "console", null)));
    ObjectNode body = Json.parseObject("{\"tailLines\": 100000}");
    ObjectKey web = ObjectKey.clusterScoped("web");
    assertEquals(400, refused(() -> admin.resource(NodeScene.VMS).perform(web, "console", body)));
    assertEquals(400, refused(() -> admin.resource(NodeScene.VMS).perform(web, "vnc", body)));
  }

  @Test
  void consoleCommand_typesAndShows_reconnects_andDetaches() throws Exception {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    StringWriter err = new StringWriter();
    try (PipedOutputStream keys = new PipedOutputStream();
        PipedInputStream input = new PipedInputStream(keys);
        Session session = new Session(Map.of("OTHERIX_SERVER", scene.endpoint()))) {
      ConsoleCommand command =
          new ConsoleCommand(session, new Terminal(true, false, input), screen);
      FutureTask<Integer> run =
          new FutureTask<>(
              () -> new CommandLine(command).setErr(new PrintWriter(err)).execute("web"));
      Thread.ofVirtual().start(run);
      keys.write("hello".getBytes(StandardCharsets.UTF_8));
      keys.flush();
      await()
          .atMost(PATIENCE)
          .until(() -> screen.toString(StandardCharsets.UTF_8).endsWith("hello"));
      scene.stopAgent();
      await().atMost(PATIENCE).until(() -> err.toString().contains("trying again"));
      scene.startAgentAgain();
      await()
          .atMost(PATIENCE)
          .until(() -> {
            keys.write('.');
            keys.flush();
            return hypervisor.typed(uid).length() > "hello".length();
          });
      keys.write(new byte[] {'x', 0x1d, 'y'});
      keys.flush();
      assertEquals(0, run.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }
    assertTrue(err.toString().contains("detached from web"), err::toString);
    // What was typed before the key that detaches arrives, what was typed behind it does not.
    await().atMost(PATIENCE).until(() -> hypervisor.typed(uid).endsWith("x"));
  }

  @Test
  void consoleCommand_withoutATerminal_pointsToTheLogs() {
    Ctl.Result result = scene.ctl().run("vm", "console", "web").fails(2);
    assertTrue(result.err().contains("otherixctl vm logs web"), result::toString);
  }

  @Test
  void vncCommand_aPortOfThisHost_isTheScreen() throws Exception {
    StringWriter out = new StringWriter();
    Session session = new Session(Map.of("OTHERIX_SERVER", scene.endpoint()));
    Thread run =
        Thread.ofVirtual()
            .start(() ->
                new CommandLine(new VncCommand(session))
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(out))
                    .execute("web"));
    await().atMost(PATIENCE).until(() -> out.toString().startsWith("vnc://127.0.0.1:"));
    int port = Integer.parseInt(out.toString().strip().substring("vnc://127.0.0.1:".length()));
    try (Socket viewer = new Socket(InetAddress.getLoopbackAddress(), port)) {
      viewer.getOutputStream().write("RFB".getBytes(StandardCharsets.US_ASCII));
      assertEquals(
          "RFB", new String(viewer.getInputStream().readNBytes(3), StandardCharsets.US_ASCII));
    }
    run.interrupt();
    run.join();
    session.close();
  }
}
