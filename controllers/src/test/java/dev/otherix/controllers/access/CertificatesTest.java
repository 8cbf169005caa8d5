package dev.otherix.controllers.access;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiWatch;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WatchEvent;
import dev.otherix.apimachinery.client.WatchOptions;
import dev.otherix.apimachinery.client.WireRequest;
import dev.otherix.apiserver.pki.IssuedCertificates;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.storage.ReadAt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The list of certificates, revocation, and the replacement of the authority as its clients see
/// it.
@Tag("slow")
final class CertificatesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String LIST = "/v1/certificates";
  private static final String ROTATION = "/v1/ca/rotation";

  @TempDir private Path folder;
  private AccessScene scene;
  private Kubeconfig admin;

  @BeforeEach
  void start() throws Exception {
    scene = new AccessScene(folder);
    admin = scene.certified("admin", "system:masters");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  private static X509Certificate certificate(Kubeconfig config) {
    return Pem.readCertificates(config.certificate(), "the config").getFirst();
  }

  private static String serial(Kubeconfig config) {
    return IssuedCertificates.serial(certificate(config));
  }

  private Kubeconfig joined(String node) throws InterruptedException {
    String token = scene.joinToken("for-" + node, "{}").at("/status/token").asString();
    return scene.join(token, node).at(scene.address());
  }

  private JsonNode listed(String serial) throws InterruptedException {
    for (JsonNode each : scene.send(admin, "GET", LIST, "").body().path("certificates")) {
      if (each.path("serial").asString().equals(serial)) {
        return each;
      }
    }
    throw new AssertionError(serial + " is not listed");
  }

  private int status(Transport transport) throws InterruptedException {
    return transport
        .send(new WireRequest("GET", LIST, "", Map.of(), new byte[0], Duration.ofSeconds(30)))
        .status();
  }

  @Test
  void list_tellsWhatWasSigned_andWhoAsked() throws Exception {
    Kubeconfig node = joined("a1");
    JsonNode entry = listed(serial(node));
    assertEquals("node", entry.path("purpose").asString());
    assertEquals("a1", entry.path("node").asString());
    assertEquals("Valid", entry.path("state").asString());
    assertTrue(entry.path("asker").asString().startsWith("join token for-a1 from 127.0.0.1"));
    assertTrue(entry.path("subject").asString().contains("CN=node-a1"));
    assertEquals(
        403, scene.send(scene.certified("o", "otherix:operator"), "GET", LIST, "").status());
  }

  @Test
  void revoke_aClient_endsItAtOnce_alsoAnIdleWatch() throws Exception {
    Kubeconfig ops = scene.certified("ops", "system:masters");
    Transport transport = scene.transport(ops);
    assertEquals(200, status(transport));
    try (ApiWatch watch = AccessScene.of(scene.client(ops), "networks").watch(WatchOptions.ALL)) {
      String path = LIST + "/" + serial(ops);
      assertEquals(404, scene.send(admin, "DELETE", path, "").status());
      AccessScene.Told told = scene.send(admin, "DELETE", path, "{\"unlisted\": true}");
      assertEquals(200, told.status());
      assertTrue(told.body().path("revoked").asBoolean());
      await().atMost(PATIENCE).until(() -> status(transport) == 401);
      assertEquals(401, status(scene.transport(ops)));
      assertEquals(WatchEvent.End.class, watch.next(PATIENCE).getClass());
    }
    assertEquals("Revoked", listed(serial(ops)).path("state").asString());
    assertEquals(200, scene.send(admin, "GET", LIST, "").status());
  }

  @Test
  void revoke_aNodes_endsIt_andLetsTheHostJoinAgain() throws Exception {
    Kubeconfig node = joined("a1");
    Transport transport = scene.transport(node);
    assertEquals(403, status(transport));
    assertEquals(200, scene.send(admin, "DELETE", LIST + "/" + serial(node), "").status());
    await().atMost(PATIENCE).until(() -> status(transport) == 401);
    String token = scene.joinToken("again", "{}").at("/status/token").asString();
    assertEquals(403, status(scene.transport(scene.join(token, "a1").at(scene.address()))));
  }

  @Test
  void revoke_whatIsNotThere_oneself_orByOthers_isRefused() throws Exception {
    Kubeconfig ops = scene.certified("ops", "otherix:operator");
    assertEquals(404, scene.send(admin, "DELETE", LIST + "/abcdef", "").status());
    assertEquals(
        404, scene.send(admin, "DELETE", LIST + "/zz..%2f", "{\"unlisted\": true}").status());
    assertEquals(409, scene.send(admin, "DELETE", LIST + "/" + serial(admin), "").status());
    assertEquals(403, scene.send(ops, "DELETE", LIST + "/" + serial(admin), "").status());
  }

  private AccessScene.Told step(Kubeconfig as, String body) throws InterruptedException {
    return scene.send(as, "POST", ROTATION, body);
  }

  private static String named(String step) {
    return "{\"step\": \"%s\"}".formatted(step);
  }

  @Test
  void rotation_stepsOutOfOrder_areRefused() throws Exception {
    assertEquals(409, step(admin, named("switch")).status());
    assertEquals(409, step(admin, named("finish")).status());
    assertEquals(409, step(admin, named("cancel")).status());
    assertEquals(400, step(admin, named("jump")).status());
    assertEquals(400, step(admin, "{\"step\": \"start\", \"force\": true}").status());
    assertEquals(403, step(scene.certified("o", "otherix:operator"), named("start")).status());
    assertEquals(200, step(admin, named("start")).status());
    assertEquals(409, step(admin, named("start")).status());
    assertEquals(2, scene.ca().trusted().size());
    assertEquals(200, step(admin, named("cancel")).status());
    assertEquals(1, scene.ca().trusted().size());
  }

  @Test
  void rotation_bothAuthorities_areToldAndTrusted_untilItIsFinished() throws Exception {
    X509Certificate former = scene.ca().certificate();
    assertEquals("Started", step(admin, named("start")).body().path("phase").asString());
    JsonNode told = scene.send(scene.anonymous(), "GET", "/v1/ca", "").body();
    assertEquals(2, told.path("cas").size());
    assertEquals("Switched", step(admin, named("switch")).body().path("phase").asString());
    Kubeconfig fresh = scene.certified("fresh", "system:masters");
    assertEquals(
        scene.ca().signer().getSubjectX500Principal(), certificate(fresh).getIssuerX500Principal());
    assertEquals(200, scene.send(fresh, "GET", LIST, "").status());
    assertEquals(200, scene.send(admin, "GET", LIST, "").status());
    assertEquals(former, scene.ca().certificate());
    Transport open = scene.transport(admin);
    assertEquals(200, status(open));
    assertEquals("Stable", step(fresh, named("finish")).body().path("phase").asString());
    assertEquals(401, status(open), "a certificate of the former authority, on an open connection");
    assertTrue(isNobody(admin), "a certificate of the former authority, on a new connection");
    assertEquals(List.of(scene.ca().signer()), scene.ca().trusted());
    assertEquals(200, scene.send(scene.certified("n", "system:masters"), "GET", LIST, "").status());
  }

  private boolean isNobody(Kubeconfig config) throws InterruptedException {
    Kubeconfig current =
        new Kubeconfig(
            config.server(),
            Pem.write(scene.ca().trusted()),
            config.certificate(),
            config.key(),
            "",
            "");
    try {
      return status(scene.transport(current)) == 401;
    } catch (ConnectionException _) {
      return true;
    }
  }

  @Test
  void rotation_withANodeBehind_isFinishedByForceOnly_andTheNodeIsOut() throws Exception {
    Transport node = scene.transport(joined("a1"));
    step(admin, named("start"));
    step(admin, named("switch"));
    Kubeconfig fresh = scene.certified("fresh", "system:masters");
    AccessScene.Told refused = step(fresh, named("finish"));
    assertEquals(409, refused.status());
    assertTrue(refused.body().path("message").asString().contains("a1"), "names the node");
    assertEquals(403, status(node), "still a node");
    assertEquals(200, step(fresh, "{\"step\": \"finish\", \"force\": true}").status());
    await().atMost(PATIENCE).until(() -> status(node) == 401);
  }

  @Test
  void rotation_keysOfBothAuthorities_areNotReadableInTheStore() throws Exception {
    step(admin, named("start"));
    String dump = scene.dump();
    assertTrue(dump.contains("/otherix/identity/authority/cluster"), "the record is there");
    assertTrue(!dump.contains("PRIVATE KEY"), "and cannot be read");
    var entry = scene.store().get("/otherix/identity/authority/cluster", ReadAt.LATEST);
    String read = entry == null ? "" : new String(entry.value(), StandardCharsets.UTF_8);
    assertTrue(read.contains("PRIVATE KEY"), "but by the server");
  }
}
