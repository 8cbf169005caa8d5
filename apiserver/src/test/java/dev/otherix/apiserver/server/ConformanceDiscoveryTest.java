package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What Kubernetes' conformance tests `discovery`, `aggregated_discovery`, `server_version` and
/// `health_handlers` ask of a server.
final class ConformanceDiscoveryTest {
  private static final String V2 =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  private static final String V2BETA1 =
      "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

  private final Scene scene = new Scene();

  @AfterEach
  void stop() {
    scene.close();
  }

  private Reply get(String path, String accept) {
    return scene.client.send("GET", path, "", Headers.of("accept", accept));
  }

  private List<String> groups() {
    List<String> names = new ArrayList<>();
    scene
        .client
        .get("/apis")
        .json()
        .path("groups")
        .forEach(each -> names.add(each.path("name").asString("")));
    return names;
  }

  @Test
  void discovery_eachGroup_locatesTheGroupVersionAndItsResources() {
    assertTrue(groups().containsAll(List.of("apiextensions.k8s.io", "example.io")));
    for (JsonNode group : scene.client.get("/apis").json().path("groups")) {
      for (JsonNode version : group.path("versions")) {
        String groupVersion = version.path("groupVersion").asString("");
        JsonNode document = scene.client.get("/apis/" + groupVersion).json();
        assertEquals("APIResourceList", document.path("kind").asString(""), groupVersion);
        assertEquals(groupVersion, document.path("groupVersion").asString(""));
        assertFalse(document.path("resources").isEmpty(), groupVersion);
        for (JsonNode resource : document.path("resources")) {
          assertFalse(resource.path("name").asString("").isEmpty(), resource::toString);
          assertFalse(resource.path("kind").asString("").isEmpty(), resource::toString);
          assertFalse(resource.path("verbs").isEmpty(), resource::toString);
          assertTrue(resource.path("namespaced").isBoolean(), resource::toString);
        }
      }
    }
  }

  @Test
  void discovery_eachGroup_hasAPreferredVersionThatIsServed() {
    assertFalse(groups().isEmpty());
    for (String name : groups()) {
      JsonNode group = scene.client.get("/apis/" + name).json();
      assertEquals("APIGroup", group.path("kind").asString(""), name);
      assertEquals(name, group.path("name").asString(""));
      List<JsonNode> versions = new ArrayList<>();
      group.path("versions").forEach(versions::add);
      assertTrue(versions.contains(group.path("preferredVersion")), group::toString);
    }
  }

  @Test
  void aggregatedDiscovery_bothRoots_showWhatTheLegacyFormShows() {
    JsonNode apis = get("/apis", V2).json();
    assertEquals("APIGroupDiscoveryList", apis.path("kind").asString(""));
    List<String> names = new ArrayList<>();
    apis.path("items").forEach(each -> names.add(each.at("/metadata/name").asString("")));
    assertEquals(groups(), names);
    JsonNode core = get("/api", V2).json().at("/items/0");
    assertEquals("v1", core.at("/versions/0/version").asString(""));
    List<String> resources = new ArrayList<>();
    core.at("/versions/0/resources")
        .forEach(each -> resources.add(each.path("resource").asString("")));
    assertTrue(resources.containsAll(List.of("namespaces", "configmaps", "secrets")));
  }

  @Test
  void aggregatedDiscovery_customResource_comesAndGoes() {
    scene.define(Scene.definition("things", "Thing", "{'type':'object'}"), Scene.path("things"));
    String document = get("/apis", V2).text();
    assertTrue(document.contains("\"conform.io\""), document);
    assertTrue(document.contains("\"things\""), document);
    assertEquals(200, scene.client.delete(Scene.DEFINITIONS + "/things.conform.io", "").status());
    scene.awaitStatus(Scene.path("things"), 404);
    assertFalse(get("/apis", V2).text().contains("conform.io"));
    assertFalse(groups().contains("conform.io"));
  }

  @ParameterizedTest
  @CsvSource({"v2", "v2beta1", "json"})
  void aggregatedDiscovery_rawAccept_isRepeatedInTheContentType(String form) {
    String accept =
        switch (form) {
          case "v2" -> V2 + "," + V2BETA1 + ",application/json";
          case "v2beta1" -> V2BETA1 + ",application/json";
          default -> "application/json";
        };
    for (String path : List.of("/api", "/apis")) {
      Reply reply = get(path, accept);
      assertEquals(200, reply.status(), reply::text);
      String type = String.valueOf(reply.headers().first("content-type"));
      assertEquals(!form.equals("json"), type.contains("as=APIGroupDiscoveryList"), type);
      assertEquals(!form.equals("json"), type.contains("v=" + form), type);
      assertEquals(!form.equals("json"), reply.json().has("items"), reply::text);
    }
  }

  @Test
  void serverVersion_majorAndMinor_areNumbers() {
    JsonNode version = scene.client.get("/version").json();
    assertTrue(version.path("major").asString("").matches("[1-9][0-9]*"), version::toString);
    assertTrue(version.path("minor").asString("").matches("[0-9]+"), version::toString);
    assertTrue(version.path("gitVersion").asString("").matches("v\\d+\\.\\d+\\.\\d+\\S*"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/livez", "/readyz", "/healthz"})
  void healthHandlers_everyCheck_answersByItself(String path) {
    scene.awaitStatus("/readyz", 200);
    assertEquals("ok", scene.server.nobody().get(path).text(), "probes need no identity");
    Reply verbose = scene.client.get(path + "?verbose=true");
    assertEquals(200, verbose.status());
    assertTrue(verbose.text().contains("[+]ping ok"), verbose::text);
    for (String line : verbose.text().split("\n", -1)) {
      if (line.startsWith("[+]")) {
        String check = line.substring(3, line.indexOf(' '));
        assertEquals("ok", scene.client.get(path + "/" + check).text(), check);
      }
    }
    assertEquals(404, scene.client.get(path + "/nothing").status());
    Reply without = scene.client.get(path + "?verbose&exclude=ping");
    assertTrue(without.text().contains("[+]ping excluded: ok"), without::text);
  }
}
