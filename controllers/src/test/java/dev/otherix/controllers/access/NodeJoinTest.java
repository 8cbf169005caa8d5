package dev.otherix.controllers.access;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.NodeFacts;
import dev.otherix.apimachinery.client.NodeIdentity;
import dev.otherix.apimachinery.client.NodeJoin;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.ReadAt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class NodeJoinTest {
  @TempDir Path folder;
  private AccessScene scene;

  @BeforeEach
  void start() throws Exception {
    scene = new AccessScene(folder);
  }

  @AfterEach
  void stop() throws Exception {
    scene.close();
  }

  private static String token(ObjectNode shown) {
    return shown.at("/status/token").asString("");
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("", name);
  }

  private ObjectNode read(String plural, String name) throws InterruptedException {
    return AccessScene.of(scene.admin(), plural).get(key(name));
  }

  private static String code(ApiException e) {
    return Objects.requireNonNull(e.status().details()).causes().getFirst().reason();
  }

  @Test
  void createToken_showsItOnce_andKeepsItsHashOnly() throws Exception {
    ObjectNode shown = scene.joinToken("t", "{\"ttlSeconds\": 600}");
    String token = token(shown);
    assertTrue(token.startsWith("otx_join_"), token);
    assertEquals(scene.ca().fingerprint(), shown.at("/status/caFingerprintSHA256").asString());
    ObjectNode read = read("jointokens", "t");
    assertEquals("", token(read));
    assertEquals(shown.at("/metadata/resourceVersion"), read.at("/metadata/resourceVersion"));
    assertFalse(read.at("/status/expiresAt").isMissingNode());
    for (String prefix : List.of("/registry/", "/otherix/")) {
      for (Entry each : scene.store().list(prefix, "", 0, ReadAt.LATEST).entries()) {
        String text = each.key() + new String(each.value(), StandardCharsets.UTF_8);
        assertFalse(text.contains(token.substring(9)), each.key());
      }
    }
  }

  @Test
  void join_withAGoodToken_makesANodeThatCanTalk() throws Exception {
    ObjectNode shown = scene.joinToken("t", "{\"intendedNodeName\": \"a1\"}");
    NodeIdentity identity =
        new NodeJoin(AccessScene.RANDOM)
            .join(
                scene.address(),
                "sha256:" + scene.ca().fingerprint(),
                token(shown),
                new NodeFacts("a1", "amd64", "https://10.0.0.1:9443", "10.0.0.1", 49152, 49251));
    ObjectNode node = read("nodes", "a1");
    assertEquals(identity.nodeUid(), node.at("/metadata/uid").asString());
    assertEquals("https://10.0.0.1:9443", node.at("/spec/advertisedEndpoint").asString());
    assertEquals(49251, node.at("/spec/migration/portRangeEnd").asInt());
    X509Certificate leaf = Pem.readCertificates(identity.certificate(), "test").getFirst();
    assertTrue(leaf.getSubjectX500Principal().getName().contains("CN=node-a1"));
    assertTrue(leaf.getSubjectX500Principal().getName().contains("O=otherix:nodes"));
    assertEquals(2, leaf.getExtendedKeyUsage().size());
    assertTrue(leaf.getSubjectAlternativeNames().toString().contains("node-a1.agents"));
    ApiClient itself = scene.client(identity.at(scene.address()));
    assertEquals(
        identity.nodeUid(),
        AccessScene.of(itself, "nodes").get(key("a1")).at("/metadata/uid").asString());
    ObjectNode used = read("jointokens", "t");
    assertEquals(1, used.at("/status/consumptionCount").asInt());
    assertEquals("a1", used.at("/status/consumptions/0/nodeName").asString());
    assertEquals("127.0.0.1", used.at("/status/consumptions/0/sourceIP").asString());
  }

  @Test
  void join_unknownToken_isRefused() {
    ApiException e = assertThrows(ApiException.class, () -> scene.join("otx_join_guessed", "a1"));
    assertTrue(e.is(StatusReason.UNAUTHORIZED));
    assertEquals("TokenUnknown", code(e));
  }

  @Test
  void join_expiredToken_isRefused() throws Exception {
    String token = token(scene.joinToken("t", "{\"ttlSeconds\": 60}"));
    scene.clock().advance(Duration.ofSeconds(61));
    ApiException e = assertThrows(ApiException.class, () -> scene.join(token, "a1"));
    assertEquals(401, e.code());
    assertEquals("TokenExpired", code(e));
  }

  @Test
  void join_usedToken_isRefused() throws Exception {
    String token = token(scene.joinToken("t", "{}"));
    scene.join(token, "a1");
    ApiException e = assertThrows(ApiException.class, () -> scene.join(token, "a2"));
    assertEquals(401, e.code());
    assertEquals("TokenExhausted", code(e));
    assertTrue(AccessScene.of(scene.admin(), "nodes").find(key("a2")).isEmpty());
  }

  @Test
  void join_underAnotherName_isRefused() throws Exception {
    String token = token(scene.joinToken("t", "{\"intendedNodeName\": \"a1\"}"));
    ApiException e = assertThrows(ApiException.class, () -> scene.join(token, "a2"));
    assertEquals(400, e.code());
    assertEquals("NodeNameMismatch", code(e));
    assertEquals(0, read("jointokens", "t").at("/status/consumptionCount").asInt());
  }

  @Test
  void join_deletedToken_isRefused() throws Exception {
    String token = token(scene.joinToken("t", "{}"));
    AccessScene.of(scene.admin(), "jointokens").delete(key("t"), DeleteOptions.DEFAULT);
    ApiException e = assertThrows(ApiException.class, () -> scene.join(token, "a1"));
    assertEquals("TokenUnknown", code(e));
  }

  @Test
  void join_tokenForServers_isRefused() throws Exception {
    String token = token(scene.joinToken("t", "{\"kind\": \"cluster\"}"));
    ApiException e = assertThrows(ApiException.class, () -> scene.join(token, "a1"));
    assertEquals("TokenKindMismatch", code(e));
  }

  @Test
  void join_wrongFingerprint_sendsNothing() throws Exception {
    String token = token(scene.joinToken("t", "{}"));
    ConnectionException e =
        assertThrows(
            ConnectionException.class,
            () ->
                new NodeJoin(AccessScene.RANDOM)
                    .join(scene.address(), "ab".repeat(32), token, NodeFacts.of("a1", "amd64")));
    assertTrue(
        String.valueOf(e.getMessage()).contains("does not belong to the cluster"), e.getMessage());
    assertEquals(0, read("jointokens", "t").at("/status/consumptionCount").asInt());
  }

  @Test
  void join_badName_takesNoUse() throws Exception {
    String token = token(scene.joinToken("t", "{}"));
    for (String name : List.of("A1", "a/b", "../x", "a.b", "-a", "a".repeat(64))) {
      assertEquals(400, assertThrows(ApiException.class, () -> scene.join(token, name)).code());
    }
    ApiException e =
        assertThrows(
            ApiException.class,
            () ->
                new NodeJoin(AccessScene.RANDOM)
                    .join(
                        scene.address(),
                        scene.ca().fingerprint(),
                        token,
                        NodeFacts.of("a1", "sparc")));
    assertEquals(422, e.code());
    assertEquals(0, read("jointokens", "t").at("/status/consumptionCount").asInt());
  }

  @Test
  void join_nameInUse_isRefusedAndTakesNoUse() throws Exception {
    scene.node("a1");
    String token = token(scene.joinToken("t", "{}"));
    ApiException e = assertThrows(ApiException.class, () -> scene.join(token, "a1"));
    assertEquals(409, e.code());
    assertEquals(0, read("jointokens", "t").at("/status/consumptionCount").asInt());
  }

  @Test
  void join_parallelReuse_exactlyOneWins() throws Exception {
    String token = token(scene.joinToken("t", "{}"));
    assertEquals(1, race(token, 12, false));
    assertEquals(1, read("jointokens", "t").at("/status/consumptionCount").asInt());
    assertEquals(1, AccessScene.of(scene.admin(), "nodes").list(ListOptions.ALL).items().size());
  }

  @Test
  void join_parallelUnderOneName_exactlyOneWins() throws Exception {
    String token = token(scene.joinToken("t", "{\"maxUses\": 100}"));
    assertEquals(1, race(token, 12, true));
    assertEquals(1, read("jointokens", "t").at("/status/consumptionCount").asInt());
  }

  private int race(String token, int hosts, boolean sameName) throws Exception {
    List<Future<Boolean>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < hosts; i++) {
        String name = sameName ? "same" : "host-" + i;
        Callable<Boolean> attempt =
            () -> {
              try {
                scene.join(token, name);
                return true;
              } catch (ApiException e) {
                assertTrue(e.code() == 401 || e.code() == 409, e.getMessage());
                return false;
              }
            };
        all.add(threads.submit(attempt));
      }
    }
    int won = 0;
    for (Future<Boolean> each : all) {
      won += each.get() ? 1 : 0;
    }
    return won;
  }

  @Test
  void join_badSigningRequest_isRefused() throws Exception {
    String token = token(scene.joinToken("t", "{}"));
    String body =
        """
        {"token": "%s", "csr_pem": "-----BEGIN CERTIFICATE REQUEST-----\\nAAAA\\n", \
        "node_name": "a1", "architecture": "amd64"}
        """
            .formatted(token);
    assertEquals(400, scene.send(scene.anonymous(), "POST", "/v1/nodes/join", body).status());
    assertEquals(0, read("jointokens", "t").at("/status/consumptionCount").asInt());
  }

  @Test
  void join_manyGuesses_areThrottledForTheAddress() throws Exception {
    for (int i = 0; i < 20; i++) {
      int guess = i;
      assertEquals(
          401,
          assertThrows(ApiException.class, () -> scene.join("otx_join_" + guess, "a1")).code());
    }
    String good = token(scene.joinToken("t", "{}"));
    assertEquals(429, assertThrows(ApiException.class, () -> scene.join(good, "a1")).code());
    scene.clock().advance(Duration.ofSeconds(61));
    scene.join(good, "a1");
  }

  @Test
  void renew_givesASecondCertificate_onANewKey() throws Exception {
    String token = token(scene.joinToken("t", "{}"));
    NodeIdentity first = scene.join(token, "a1");
    NodeIdentity second =
        new NodeJoin(AccessScene.RANDOM).renew(scene.transport(first.at(scene.address())));
    assertEquals(first.nodeUid(), second.nodeUid());
    assertFalse(first.key().equals(second.key()));
    for (NodeIdentity each : List.of(first, second)) {
      AccessScene.of(scene.client(each.at(scene.address())), "nodes").get(key("a1"));
    }
  }

  @Test
  void renew_byAnybodyElse_isRefused() throws Exception {
    String body = "{\"csr_pem\": \"x\"}";
    assertEquals(401, scene.send(scene.anonymous(), "POST", "/v1/nodes/renew", body).status());
    assertEquals(
        403, scene.send(scene.certified("someone"), "POST", "/v1/nodes/renew", body).status());
  }

  @Test
  void revoke_endsTheNodeAtOnce_andLetsItJoinAgain() throws Exception {
    String token = token(scene.joinToken("t", "{\"maxUses\": 2}"));
    NodeIdentity identity = scene.join(token, "a1");
    ApiClient itself = scene.client(identity.at(scene.address()));
    AccessScene.of(itself, "nodes").get(key("a1"));
    String path = "/v1/nodes/a1/certificates";
    var admin = scene.certified("admin", "system:masters");
    assertEquals(1, scene.send(admin, "GET", path, "").body().at("/certificates").size());
    assertEquals(403, scene.send(identity.at(scene.address()), "DELETE", path, "").status());
    assertEquals(1, scene.send(admin, "DELETE", path, "").body().path("revoked").asInt());
    assertEquals(
        401,
        await()
            .until(
                () ->
                    scene
                        .send(identity.at(scene.address()), "GET", "/apis/otherix/v1/nodes/a1", "")
                        .status(),
                status -> status != 200));
    NodeIdentity again = scene.join(token, "a1");
    AccessScene.of(scene.client(again.at(scene.address())), "nodes").get(key("a1"));
    assertEquals(
        401,
        scene.send(identity.at(scene.address()), "GET", "/apis/otherix/v1/nodes/a1", "").status());
  }

  @Test
  void certificate_thatNobodyIssuedToANode_isRefused() throws Exception {
    scene.node("a1");
    var forged = scene.certified("node-a1", NodeCertificates.NODES);
    assertEquals(401, scene.send(forged, "GET", "/apis/otherix/v1/nodes/a1", "").status());
  }

  @Test
  void authorities_areToldToEverybody() throws Exception {
    ObjectNode told = scene.send(scene.anonymous(), "GET", "/v1/ca", "").body();
    assertEquals(scene.ca().fingerprint(), told.path("signer_fingerprint_sha256").asString());
    assertEquals(
        List.of(scene.ca().certificate()),
        Pem.readCertificates(told.at("/cas/0/cert_pem").asString(), "test"));
  }
}
