package dev.otherix.controllers.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apiserver.identity.Tokens;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class SecretsAtRestTest {
  private static final String PASSWORD = "correct horse battery";

  @TempDir Path folder;

  @Test
  void rawDump_showsNoSecretNoTokenNoHash_beforeAndAfterARotation() throws Exception {
    try (AccessScene scene = new AccessScene(folder)) {
      ResourceClient secrets =
          scene.admin().resource(new GroupVersionResource("", "v1", "secrets"));
      secrets.create(
          Json.parseObject(
              """
              {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s",
                "namespace": "default"}, "stringData": {"key": "hush-hush"}}
              """));
      AccessScene.of(scene.admin(), "users")
          .create(
              AccessScene.object(
                  "User",
                  "jane",
                  "{\"role\": \"viewer\", \"password\": \"%s\"}".formatted(PASSWORD)));
      String login = "{\"username\": \"jane\", \"password\": \"%s\"}".formatted(PASSWORD);
      String refresh =
          scene
              .send(scene.anonymous(), "POST", "/v1/auth/login", login)
              .body()
              .path("refresh_token")
              .asString();
      String join = scene.joinToken("t", "{}").at("/status/token").asString();
      assertHidden(scene, join, refresh);
      var admin = scene.certified("admin", "system:masters");
      AccessScene.Told told = scene.send(admin, "POST", "/v1/secrets/rotate", "{}");
      assertEquals(200, told.status());
      assertTrue(told.body().path("values").asInt() >= 5, told.body().toString());
      assertHidden(scene, join, refresh);
      assertEquals(
          "aHVzaC1odXNo", secrets.get(new ObjectKey("default", "s")).at("/data/key").asString());
      scene.join(join, "a1");
      assertEquals(200, scene.send(scene.anonymous(), "POST", "/v1/auth/login", login).status());
      assertEquals(
          403,
          scene
              .send(scene.certified("op", "otherix:operator"), "POST", "/v1/secrets/rotate", "{}")
              .status());
    }
  }

  private static void assertHidden(AccessScene scene, String join, String refresh) {
    String dump = scene.dump();
    assertTrue(dump.contains("jane"), "the dump must be able to show something");
    String secret = refresh.substring(refresh.length() - 43);
    for (String each :
        new String[] {
          PASSWORD,
          "hush-hush",
          "aHVzaC1odXNo",
          "argon2id",
          join,
          Tokens.hash(join),
          secret,
          Tokens.hash(secret),
          "\"open\"",
          "\"current\""
        }) {
      assertFalse(dump.contains(each), each);
    }
  }
}
