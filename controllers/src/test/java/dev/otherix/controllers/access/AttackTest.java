package dev.otherix.controllers.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Credential;
import dev.otherix.apiserver.pki.Pem;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.ReadAt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// What somebody tries who is not entitled to anything. Replayed refresh tokens are in
/// [PeopleTest], join tokens used twice in [NodeJoinTest], nodes that reach for others' machines in
/// [NodeAuthorizationTest], owners and roles patched in are in [RolesTest].
@Tag("slow")
final class AttackTest {
  private static final String MACHINES = "/apis/otherix/v1/vms";
  private static final String PASSWORD = "correct horse battery";

  @TempDir Path folder;
  private AccessScene scene;
  private String token = "";

  @BeforeEach
  void start() throws Exception {
    scene = new AccessScene(folder);
    AccessScene.of(scene.admin(), "users")
        .create(
            AccessScene.object(
                "User",
                "jane",
                "{\"role\": \"viewer\", \"password\": \"%s\"}".formatted(PASSWORD)));
    token =
        scene
            .send(
                scene.anonymous(),
                "POST",
                "/v1/auth/login",
                "{\"username\": \"jane\", \"password\": \"%s\"}".formatted(PASSWORD))
            .body()
            .path("access_token")
            .asString();
    assertEquals(200, status(token));
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  private int status(String bearer) throws InterruptedException {
    Kubeconfig nobody = scene.anonymous();
    Kubeconfig config = new Kubeconfig(nobody.server(), nobody.authority(), "", "", bearer, "");
    return scene.send(config, "GET", MACHINES, "").status();
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String part) {
    return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
  }

  private String part(int number) {
    return List.of(token.split("\\.")).get(number);
  }

  @Test
  void jwt_algorithmNone_isRefused() throws Exception {
    String header = encoded(decoded(part(0)).replace("ES256", "none"));
    assertEquals(401, status(header + "." + part(1) + "."));
    assertEquals(401, status(header + "." + part(1) + "." + part(2)));
  }

  @Test
  void jwt_signedWithThePublicKeyAsSecret_isRefused() throws Exception {
    Entry key =
        scene.store().list("/otherix/identity/jwtkeys/", "", 1, ReadAt.LATEST).entries().getFirst();
    String open =
        Json.parseObject(new String(key.value(), StandardCharsets.UTF_8)).path("open").asString();
    String header = encoded(decoded(part(0)).replace("ES256", "HS256"));
    assertEquals(401, status(hmac(header + "." + part(1), Base64.getDecoder().decode(open))));
  }

  private static String hmac(String signed, byte[] secret) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    byte[] tag = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(tag);
  }

  @Test
  void jwt_unknownOrOddKeyId_isRefused() throws Exception {
    ObjectNode header = Json.parseObject(decoded(part(0)));
    for (String kid : List.of("0011223344556677", "../jwtkeys/x", "", "/etc/passwd")) {
      header.put("kid", kid);
      assertEquals(401, status(encoded(header.toString()) + "." + part(1) + "." + part(2)));
    }
  }

  @Test
  void jwt_changedClaims_areRefused() throws Exception {
    ObjectNode claims = Json.parseObject(decoded(part(1)));
    claims.put("role", "admin");
    assertEquals(401, status(part(0) + "." + encoded(claims.toString()) + "." + part(2)));
    assertEquals(401, status(part(0) + "." + part(1) + "." + encoded("x".repeat(64))));
    assertEquals(401, status(part(0) + "." + part(1) + "." + encoded("\0".repeat(64))));
    assertEquals(401, status(token + "." + token));
    assertEquals(401, status("a.b.c"));
  }

  @Test
  void tokenInTheUrl_isRefused() throws Exception {
    for (String name : List.of("access_token", "token", "authorization")) {
      WireAnswer answer =
          scene
              .transport(scene.anonymous())
              .send(
                  new WireRequest(
                      "GET",
                      MACHINES,
                      name + "=" + token,
                      Map.of(),
                      new byte[0],
                      Duration.ofSeconds(30)));
      assertEquals(401, answer.status());
    }
  }

  private Kubeconfig of(ClusterCa ca) {
    Credential credential = ca.issueClient("admin", List.of("system:masters"));
    return new Kubeconfig(
        scene.address(),
        Pem.write(List.of(scene.ca().certificate())),
        Pem.write(credential.chain()),
        Pem.write(credential.key()),
        "",
        "");
  }

  /// Whether the certificate opens nothing: the connection fails, or the client is nobody.
  private boolean isNobody(Kubeconfig config) throws InterruptedException {
    try {
      return scene.send(config, "GET", MACHINES, "").status() == 401;
    } catch (ConnectionException _) {
      return true;
    }
  }

  @Test
  void certificateOfAnotherCa_isRefused() throws Exception {
    ClusterCa other =
        ClusterCa.openOrCreate(folder.resolve("other"), InstantSource.system(), AccessScene.RANDOM);
    assertTrue(isNobody(of(other)));
  }

  @Test
  void certificate_expiredOrNotYetValid_isRefused() throws Exception {
    for (Duration shift : List.of(Duration.ofDays(-400), Duration.ofDays(30))) {
      Instant then = scene.clock().instant().plus(shift);
      ClusterCa elsewhen =
          ClusterCa.openOrCreate(
              folder.resolve("pki"), InstantSource.fixed(then), AccessScene.RANDOM);
      assertTrue(isNobody(of(elsewhen)), shift.toString());
    }
  }

  @Test
  void nodesCertificate_pastItsEnd_isRefusedOnAnOpenConnection() throws Exception {
    String join = scene.joinToken("t", "{}").at("/status/token").asString();
    Kubeconfig node = scene.join(join, "a1").at(scene.address());
    var transport = scene.transport(node);
    WireRequest request =
        new WireRequest("GET", MACHINES, "", Map.of(), new byte[0], Duration.ofSeconds(30));
    assertEquals(200, transport.send(request).status());
    scene.clock().advance(Duration.ofDays(366));
    assertEquals(401, transport.send(request).status());
  }

  @Test
  void oddPaths_leadNowhere() throws Exception {
    Kubeconfig viewer = scene.certified("v", "otherix:viewer");
    for (String path :
        List.of(
            "/apis/otherix/v1/vms/..%2f..%2fusers",
            "/apis/otherix/v1/vms/%2e%2e/users/jane",
            "/apis/otherix/v1/vms/a%2Fb",
            "/v1/nodes/..%2fx/certificates",
            "/v1/nodes/a/certificates/../../auth/sessions",
            "/v1/auth/login/../sessions",
            "/v1/nodes/join/extra/..")) {
      int status = scene.send(viewer, "GET", path, "").status();
      assertTrue(status >= 400 && status < 500, path + " " + status);
    }
  }

  @Test
  void impersonation_byPeopleWithoutTheRole_isRefused() throws Exception {
    for (String role : List.of("otherix:operator", "otherix:developer", "otherix:viewer")) {
      WireAnswer answer =
          scene
              .transport(scene.certified("x", role))
              .send(
                  new WireRequest(
                      "GET",
                      MACHINES,
                      "",
                      Map.of("impersonate-user", "root", "impersonate-group", "system:masters"),
                      new byte[0],
                      Duration.ofSeconds(30)));
      assertEquals(403, answer.status());
    }
  }

  @Test
  void oversizedLogin_isRefusedBeforeAnyWork() throws Exception {
    String body = "{\"username\": \"jane\", \"password\": \"%s\"}".formatted("x".repeat(70_000));
    int status = scene.send(scene.anonymous(), "POST", "/v1/auth/login", body).status();
    assertTrue(status == 400 || status == 413, "status " + status);
  }
}
