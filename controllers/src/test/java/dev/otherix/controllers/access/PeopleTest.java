package dev.otherix.controllers.access;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.Kubeconfig;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.ReadAt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Logging in and out, tokens for programs, passwords.
@Tag("slow")
final class PeopleTest {
  private static final String PASSWORD = "correct horse battery";

  @TempDir Path folder;
  private AccessScene scene;
  private ResourceClient users;

  @BeforeEach
  void start() throws Exception {
    scene = new AccessScene(folder);
    users = AccessScene.of(scene.admin(), "users");
    user("jane", "developer");
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  private ObjectNode user(String name, String role) throws InterruptedException {
    return users.create(
        AccessScene.object(
            "User", name, "{\"role\": \"%s\", \"password\": \"%s\"}".formatted(role, PASSWORD)));
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("", name);
  }

  private static void refused(int code, Executable attempt) {
    ApiException e = assertThrows(ApiException.class, attempt);
    assertEquals(code, e.code(), e.getMessage());
  }

  private AccessScene.Told login(String name, String password) throws InterruptedException {
    return scene.send(
        scene.anonymous(),
        "POST",
        "/v1/auth/login",
        "{\"username\": \"%s\", \"password\": \"%s\"}".formatted(name, password));
  }

  private AccessScene.Told refresh(String token) throws InterruptedException {
    return scene.send(
        scene.anonymous(),
        "POST",
        "/v1/auth/refresh",
        "{\"refresh_token\": \"%s\"}".formatted(token));
  }

  private Kubeconfig bearer(String token) {
    Kubeconfig nobody = scene.anonymous();
    return new Kubeconfig(nobody.server(), nobody.authority(), "", "", token, "");
  }

  private int status(String token) throws InterruptedException {
    return scene.send(bearer(token), "GET", "/apis/otherix/v1/vms", "").status();
  }

  private static String access(AccessScene.Told told) {
    return told.body().path("access_token").asString("");
  }

  private static String next(AccessScene.Told told) {
    return told.body().path("refresh_token").asString("");
  }

  @Test
  void login_givesTokensThatWork() throws Exception {
    AccessScene.Told told = login("jane", PASSWORD);
    assertEquals(200, told.status());
    assertEquals(900, told.body().path("expires_in").asInt());
    assertEquals("developer", told.body().at("/user/role").asString());
    assertEquals(200, status(access(told)));
    assertFalse(users.get(key("jane")).at("/status/lastLoginAt").isMissingNode());
    scene.clock().advance(Duration.ofMinutes(15).plusSeconds(1));
    assertEquals(401, status(access(told)));
  }

  @Test
  void login_wrongPasswordAndUnknownUser_areToldAlike() throws Exception {
    AccessScene.Told wrong = login("jane", "not the password");
    AccessScene.Told unknown = login("nobody-here", "not the password");
    assertEquals(401, wrong.status());
    assertEquals(401, unknown.status());
    assertEquals(wrong.body(), unknown.body());
    assertEquals(401, login("../jane", PASSWORD).status());
  }

  @Test
  void login_manyFailures_areThrottledForTheUserInAllReplicas() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertEquals(401, login("jane", "guess number " + i).status());
    }
    assertEquals(429, login("jane", PASSWORD).status());
    user("joe", "viewer");
    assertEquals(200, login("joe", PASSWORD).status());
    scene.clock().advance(Duration.ofMinutes(5).plusSeconds(2));
    assertEquals(200, login("jane", PASSWORD).status());
  }

  @Test
  void password_staysNowhere() throws Exception {
    ObjectNode shown = user("joe", "viewer");
    assertFalse(shown.toString().contains(PASSWORD));
    assertFalse(shown.at("/status/passwordSetAt").isMissingNode());
    users.create(
        AccessScene.object(
            "User", "dry", "{\"role\": \"viewer\", \"password\": \"%s\"}".formatted(PASSWORD)),
        new WriteOptions(true, "", false, ""));
    ObjectNode applied =
        AccessScene.object(
            "User", "ann", "{\"role\": \"viewer\", \"password\": \"%s\"}".formatted(PASSWORD));
    String copy = applied.toString();
    applied
        .withObjectProperty("metadata")
        .putObject("annotations")
        .put("kubectl.kubernetes.io/last-applied-configuration", copy);
    assertFalse(users.create(applied).toString().contains(PASSWORD));
    for (String prefix : List.of("/registry/", "/otherix/")) {
      for (Entry each : scene.store().list(prefix, "", 0, ReadAt.LATEST).entries()) {
        assertFalse(
            new String(each.value(), StandardCharsets.UTF_8).contains(PASSWORD), each.key());
      }
    }
  }

  @Test
  void password_weak_isRefused() {
    for (String weak : List.of("short", "aaaaaaaaaaaaaaa", "my-name-is-joe-x")) {
      refused(
          422,
          () ->
              users.create(
                  AccessScene.object(
                      "User",
                      "joe",
                      "{\"role\": \"viewer\", \"password\": \"%s\"}".formatted(weak))));
    }
  }

  @Test
  void newPassword_endsAllSessions() throws Exception {
    AccessScene.Told told = login("jane", PASSWORD);
    users.mergePatch(
        key("jane"), "", Json.parseObject("{\"spec\": {\"password\": \"another long one\"}}"));
    await().until(() -> status(access(told)) == 401);
    assertEquals(401, refresh(next(told)).status());
    assertEquals(401, login("jane", PASSWORD).status());
    assertEquals(200, login("jane", "another long one").status());
  }

  @Test
  void refresh_goesOn_withANewTokenEachTime() throws Exception {
    AccessScene.Told first = login("jane", PASSWORD);
    AccessScene.Told second = refresh(next(first));
    assertEquals(200, second.status());
    assertNotEquals(next(first), next(second));
    assertEquals(200, status(access(second)));
    assertEquals(200, refresh(next(second)).status());
  }

  @Test
  void replayedRefresh_endsTheWholeSession() throws Exception {
    AccessScene.Told first = login("jane", PASSWORD);
    AccessScene.Told second = refresh(next(first));
    AccessScene.Told elsewhere = login("jane", PASSWORD);
    assertEquals(401, refresh(next(first)).status());
    assertEquals(401, refresh(next(second)).status());
    await().until(() -> status(access(second)) == 401);
    assertEquals(200, status(access(elsewhere)));
  }

  @Test
  void refresh_inParallel_givesNobodyTwoSessions() throws Exception {
    AccessScene.Told first = login("jane", PASSWORD);
    List<Future<AccessScene.Told>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        all.add(threads.submit(() -> refresh(next(first))));
      }
    }
    int won = 0;
    for (Future<AccessScene.Told> each : all) {
      won += each.get().status() == 200 ? 1 : 0;
    }
    assertTrue(won <= 1, "won " + won);
  }

  @Test
  void refresh_guessed_doesNotEndTheSession() throws Exception {
    AccessScene.Told told = login("jane", PASSWORD);
    String guess = next(told).substring(0, next(told).length() - 3) + "abc";
    assertEquals(401, refresh(guess).status());
    assertEquals(401, refresh("otx_refresh_a_b").status());
    assertEquals(401, refresh("junk").status());
    assertEquals(200, refresh(next(told)).status());
  }

  @Test
  void logout_endsTheAccessTokenAtOnce() throws Exception {
    AccessScene.Told told = login("jane", PASSWORD);
    AccessScene.Told other = login("jane", PASSWORD);
    assertEquals(204, logout(access(told), "{}"));
    await().until(() -> status(access(told)) == 401);
    assertEquals(401, refresh(next(told)).status());
    assertEquals(200, status(access(other)));
    assertEquals(204, logout(access(other), "{\"all_sessions\": true}"));
    await().until(() -> status(access(other)) == 401);
  }

  private int logout(String token, String body) throws InterruptedException {
    var transport = scene.transport(bearer(token));
    return transport
        .send(
            new dev.otherix.apimachinery.client.WireRequest(
                "POST",
                "/v1/auth/logout",
                "",
                Map.of(),
                body.getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(30)))
        .status();
  }

  @Test
  void sessions_areListed_andEnded() throws Exception {
    AccessScene.Told one = login("jane", PASSWORD);
    AccessScene.Told two = login("jane", PASSWORD);
    ObjectNode list = scene.send(bearer(access(one)), "GET", "/v1/auth/sessions", "").body();
    assertEquals(2, list.path("sessions").size());
    assertFalse(list.toString().contains("current"));
    for (var each : list.path("sessions")) {
      var answer =
          scene
              .transport(bearer(access(one)))
              .send(
                  new dev.otherix.apimachinery.client.WireRequest(
                      "DELETE",
                      "/v1/auth/sessions/" + each.path("id").asString(),
                      "",
                      Map.of(),
                      new byte[0],
                      Duration.ofSeconds(30)));
      assertTrue(answer.status() == 204 || answer.status() == 401);
    }
    await().until(() -> status(access(one)) == 401 || status(access(two)) == 401);
    assertEquals(
        404,
        scene
            .send(bearer(access(login("jane", PASSWORD))), "DELETE", "/v1/auth/sessions/none", "")
            .status());
  }

  @Test
  void roleChange_countsAtOnce() throws Exception {
    AccessScene.Told told = login("jane", PASSWORD);
    ApiClient jane = scene.client(bearer(access(told)));
    refused(403, () -> AccessScene.of(jane, "jointokens").list(ListOptions.ALL));
    users.mergePatch(key("jane"), "", Json.parseObject("{\"spec\": {\"role\": \"admin\"}}"));
    await()
        .ignoreExceptions()
        .until(() -> AccessScene.of(jane, "jointokens").list(ListOptions.ALL).items().isEmpty());
    users.delete(key("jane"), DeleteOptions.DEFAULT);
    await().until(() -> status(access(told)) == 401);
  }

  private ObjectNode apiToken(ApiClient as, String name, String spec) throws InterruptedException {
    return AccessScene.of(as, "apitokens").create(AccessScene.object("APIToken", name, spec));
  }

  @Test
  void apiToken_isShownOnce_andActsForItsUser() throws Exception {
    ApiClient jane = scene.client(bearer(access(login("jane", PASSWORD))));
    ObjectNode shown = apiToken(jane, "ci", "{\"user\": \"jane\", \"displayName\": \"ci\"}");
    String token = shown.at("/status/token").asString();
    assertTrue(token.startsWith("otx_"), token);
    ObjectNode read = AccessScene.of(jane, "apitokens").get(key("ci"));
    assertTrue(read.at("/status/token").isMissingNode());
    assertEquals(token.substring(0, 8), read.at("/status/prefix").asString());
    ApiClient program = scene.client(bearer(token));
    AccessScene.of(program, "vms")
        .create(
            AccessScene.object(
                "VM", "m", "{\"imageURL\": \"https://i.example/a\", \"arch\": \"amd64\"}"));
    assertEquals(
        "jane",
        AccessScene.of(program, "vms")
            .get(key("m"))
            .at("/metadata/annotations/otherix~1owner")
            .asString());
    AccessScene.of(jane, "apitokens")
        .mergePatch(key("ci"), "", Json.parseObject("{\"spec\": {\"revoked\": true}}"));
    await().until(() -> status(token) == 401);
    refused(
        403,
        () ->
            AccessScene.of(jane, "apitokens")
                .mergePatch(key("ci"), "", Json.parseObject("{\"spec\": {\"revoked\": false}}")));
  }

  @Test
  void apiToken_forSomebodyElse_orNobody_orYesterday_isRefused() throws Exception {
    user("joe", "viewer");
    ApiClient jane = scene.client(bearer(access(login("jane", PASSWORD))));
    refused(403, () -> apiToken(jane, "x", "{\"user\": \"joe\", \"displayName\": \"x\"}"));
    refused(
        422, () -> apiToken(scene.admin(), "x", "{\"user\": \"nobody\", \"displayName\": \"x\"}"));
    refused(
        422,
        () ->
            apiToken(
                jane,
                "x",
                """
                {"user": "jane", "displayName": "x", "expiresAt": "2020-01-01T00:00:00Z"}
                """));
    assertEquals(401, status("otx_guessed"));
  }

  @Test
  void apiToken_expires_andDiesWithItsUser() throws Exception {
    String until = scene.clock().instant().plusSeconds(3600).toString().substring(0, 19) + "Z";
    String token =
        apiToken(
                scene.admin(),
                "t",
                "{\"user\": \"jane\", \"displayName\": \"x\", \"expiresAt\": \"%s\"}"
                    .formatted(until))
            .at("/status/token")
            .asString();
    assertEquals(200, status(token));
    users.delete(key("jane"), DeleteOptions.DEFAULT);
    user("jane", "admin");
    await().until(() -> status(token) == 401);
    String other =
        apiToken(
                scene.admin(),
                "u",
                "{\"user\": \"jane\", \"displayName\": \"x\", \"expiresAt\": \"%s\"}"
                    .formatted(until))
            .at("/status/token")
            .asString();
    assertEquals(200, status(other));
    scene.clock().advance(Duration.ofSeconds(3601));
    assertEquals(401, status(other));
  }

  @Test
  void lastUse_isWrittenLater() throws Exception {
    apiToken(scene.admin(), "t", "{\"user\": \"jane\", \"displayName\": \"x\"}");
    ResourceClient tokens = AccessScene.of(scene.admin(), "apitokens");
    try (LastUsed lastUsed = new LastUsed(scene.server().resources(), scene.clock())) {
      lastUsed.note("t");
      lastUsed.note("gone");
      assertTrue(tokens.get(key("t")).at("/status/lastUsedAt").isMissingNode());
      lastUsed.write(scene.server().registry());
    }
    assertFalse(tokens.get(key("t")).at("/status/lastUsedAt").isMissingNode());
  }

  @Test
  void firstAdmin_isMadeOnce_andOnlyWhenWhollyNamed() throws Exception {
    var server = scene.server();
    assertThrows(
        IllegalArgumentException.class,
        () ->
            FirstAdmin.ensure(
                Map.of(FirstAdmin.USER_NAME, "root"), server.resources(), server.registry()));
    Map<String, String> both = Map.of(FirstAdmin.USER_NAME, "root", FirstAdmin.PASSWORD, PASSWORD);
    assertFalse(FirstAdmin.ensure(both, server.resources(), server.registry()));
    users.delete(key("jane"), DeleteOptions.DEFAULT);
    assertTrue(FirstAdmin.ensure(both, server.resources(), server.registry()));
    assertEquals("admin", login("root", PASSWORD).body().at("/user/role").asString());
    assertFalse(FirstAdmin.ensure(Map.of(), server.resources(), server.registry()));
  }
}
