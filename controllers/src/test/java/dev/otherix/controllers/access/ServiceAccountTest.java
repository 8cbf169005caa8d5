package dev.otherix.controllers.access;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiWatch;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WatchEvent;
import dev.otherix.apimachinery.client.WatchOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Tokens of ServiceAccounts.
@Tag("slow")
final class ServiceAccountTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ObjectKey ROBOT = new ObjectKey("default", "robot");
  private static final String TOKEN = "/api/v1/namespaces/default/serviceaccounts/robot/token";
  private static final String MACHINES = "/apis/otherix/v1/vms";

  @TempDir private Path folder;
  private AccessScene scene;
  private Kubeconfig admin;

  @BeforeEach
  void start() throws Exception {
    scene = new AccessScene(folder);
    admin = scene.certified("admin", "system:masters");
    account("operator");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  private ResourceClient accounts() {
    return scene.admin().resource(new GroupVersionResource("", "v1", "serviceaccounts"));
  }

  private void account(String role) throws InterruptedException {
    accounts()
        .create(
            Json.parseObject(
                """
                {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot",
                  "namespace": "default", "annotations": {"otherix/role": "%s"}}}
                """
                    .formatted(role)));
  }

  private AccessScene.Told ask(String spec) throws InterruptedException {
    return scene.send(
        admin,
        "POST",
        TOKEN,
        """
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": %s}
        """
            .formatted(spec));
  }

  private String token(String spec) throws InterruptedException {
    AccessScene.Told told = ask(spec);
    assertEquals(201, told.status(), told.body().toString());
    return told.body().at("/status/token").asString();
  }

  private Kubeconfig bearer(String token) {
    Kubeconfig nobody = scene.anonymous();
    return new Kubeconfig(nobody.server(), nobody.authority(), "", "", token, "");
  }

  private int status(String token) throws InterruptedException {
    return scene.send(bearer(token), "GET", MACHINES, "").status();
  }

  private JsonNode review(String token, String audiences) throws InterruptedException {
    String body =
        """
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
         "spec": {"token": "%s", "audiences": %s}}
        """
            .formatted(token, audiences);
    return scene
        .send(admin, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", body)
        .body()
        .path("status");
  }

  @Test
  void token_actsForTheAccount_withItsGroupsAndRole() throws Exception {
    AccessScene.Told told = ask("{\"expirationSeconds\": 600}");
    assertEquals("TokenRequest", told.body().path("kind").asString());
    assertTrue(told.body().at("/status/expirationTimestamp").asString().endsWith("Z"));
    String token = told.body().at("/status/token").asString();
    assertEquals(200, status(token));
    JsonNode who =
        scene
            .send(
                bearer(token),
                "POST",
                "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                "{\"apiVersion\": \"authentication.k8s.io/v1\", \"kind\": \"SelfSubjectReview\"}")
            .body()
            .at("/status/userInfo");
    assertEquals("system:serviceaccount:default:robot", who.path("username").asString());
    assertEquals(accounts().get(ROBOT).at("/metadata/uid"), who.path("uid"));
    String groups = who.path("groups").toString();
    assertTrue(groups.contains("\"system:serviceaccounts\""), groups);
    assertTrue(groups.contains("\"system:serviceaccounts:default\""), groups);
    assertTrue(groups.contains("\"otherix:operator\""), groups);
  }

  @Test
  void token_expires_andLivesADayAtMost() throws Exception {
    String token = token("{\"expirationSeconds\": 864000}");
    assertEquals(200, status(token));
    scene.clock().advance(Duration.ofHours(23));
    assertEquals(200, status(token));
    scene.clock().advance(Duration.ofHours(2));
    assertEquals(401, status(token));
  }

  @Test
  void deletedAccount_endsItsTokens_alsoAnIdleWatch_andANewOneHasNotThem() throws Exception {
    String token = token("{}");
    try (ApiWatch watch =
        AccessScene.of(scene.client(bearer(token)), "networks").watch(WatchOptions.ALL)) {
      accounts().delete(ROBOT, DeleteOptions.DEFAULT);
      await().atMost(PATIENCE).until(() -> status(token) == 401);
      assertEquals(WatchEvent.End.class, watch.next(PATIENCE).getClass());
    }
    account("admin");
    assertEquals(401, status(token), "the name is another account's now");
  }

  @Test
  void role_changed_countsAtOnce_andAnUnknownOneIsRefused() throws Exception {
    String token = token("{}");
    assertEquals(200, status(token));
    ObjectNode none =
        Json.parseObject("{\"metadata\": {\"annotations\": {\"otherix/role\": null}}}");
    accounts().mergePatch(ROBOT, "", none);
    await().atMost(PATIENCE).until(() -> status(token) == 403);
    AccessScene.Told odd =
        scene.send(
            admin,
            "POST",
            "/api/v1/namespaces/default/serviceaccounts",
            """
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "odd",
              "annotations": {"otherix/role": "king"}}}
            """);
    assertEquals(400, odd.status());
  }

  @Test
  void tokenForAnotherAudience_opensNothingHere_butIsReviewedForIt() throws Exception {
    String token = token("{\"audiences\": [\"vault\"]}");
    assertEquals(401, status(token));
    assertFalse(review(token, "[]").path("authenticated").asBoolean());
    JsonNode theirs = review(token, "[\"vault\", \"other\"]");
    assertTrue(theirs.path("authenticated").asBoolean(), theirs.toString());
    assertEquals("[\"vault\"]", theirs.path("audiences").toString());
    assertFalse(review(token, "[\"other\"]").path("authenticated").asBoolean());
    JsonNode ours = review(token("{}"), "[]");
    assertEquals("system:serviceaccount:default:robot", ours.at("/user/username").asString());
  }

  @Test
  void tokenRequest_badOrByOthers_isRefused() throws Exception {
    assertEquals(422, ask("{\"expirationSeconds\": 10}").status());
    assertEquals(422, ask("{\"expirationSeconds\": \"600\"}").status());
    assertEquals(422, ask("{\"audiences\": [\"\"]}").status());
    assertEquals(422, ask("{\"boundObjectRef\": {\"kind\": \"Pod\", \"name\": \"p\"}}").status());
    assertEquals(404, scene.send(admin, "POST", TOKEN.replace("robot", "nobody"), "{}").status());
    for (String role : new String[] {"operator", "developer", "viewer"}) {
      Kubeconfig person = scene.certified("p", "otherix:" + role);
      assertEquals(403, scene.send(person, "POST", TOKEN, "{}").status(), role);
    }
    assertEquals(403, scene.send(bearer(token("{}")), "POST", TOKEN, "{}").status(), "itself");
  }

  @Test
  void forgedToken_isRefused() throws Exception {
    String[] parts = token("{}").split("\\.", -1);
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    String other =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(claims.replace("robot", "rob0t").getBytes(StandardCharsets.UTF_8));
    assertEquals(401, status(parts[0] + "." + other + "." + parts[2]));
    assertEquals(401, status(parts[0] + "." + parts[1] + "."));
  }

  @Test
  void kubectlCreateToken_works() throws Exception {
    Path config = folder.resolve("kubeconfig");
    Files.writeString(
        config,
        """
        {"apiVersion": "v1", "kind": "Config", "current-context": "c",
         "clusters": [{"name": "c", "cluster": {"server": "%s",
           "certificate-authority-data": "%s"}}],
         "users": [{"name": "u", "user": {"client-certificate-data": "%s",
           "client-key-data": "%s"}}],
         "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}
        """
            .formatted(
                scene.address(),
                base64(admin.authority()),
                base64(admin.certificate()),
                base64(admin.key())));
    // Releases before 1.24 have no word for it.
    if (kubectl(config, "", "create", "--help").contains("  token ")) {
      String token = kubectl(config, "", "create", "token", "robot", "--duration=1h");
      assertEquals(200, status(token.strip()));
      return;
    }
    String request =
        """
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
         "spec": {"expirationSeconds": 3600}}
        """;
    String raw = "--raw=/api/v1/namespaces/default/serviceaccounts/robot/token";
    ObjectNode answer = Json.parseObject(kubectl(config, request, "create", raw, "-f", "-"));
    assertEquals(200, status(answer.at("/status/token").asString("")));
  }

  private String kubectl(Path config, String input, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("kubectl", "--kubeconfig=" + config));
    command.add("--cache-dir=" + folder.resolve("cache"));
    command.addAll(List.of(arguments));
    Path in = Files.writeString(folder.resolve("in"), input);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process kubectl =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertTrue(kubectl.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, kubectl.exitValue(), Files.readString(err));
    return Files.readString(out);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}
