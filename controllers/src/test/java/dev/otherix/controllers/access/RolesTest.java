package dev.otherix.controllers.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ApiWatch;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WatchEvent;
import dev.otherix.apimachinery.client.WatchOptions;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// People with roles against a real server: what they see and what they are refused.
@Tag("slow")
final class RolesTest {
  private static final String SPEC =
      """
      {"imageURL": "https://joe:secret@i.example/a", "arch": "amd64", "userData": "password"}
      """;

  @TempDir Path folder;
  private AccessScene scene;
  private ApiClient dev;
  private ApiClient other;
  private ApiClient viewer;

  @BeforeEach
  void start() throws Exception {
    scene = new AccessScene(folder);
    dev = scene.client(scene.certified("dev", "otherix:developer"));
    other = scene.client(scene.certified("other", "otherix:developer"));
    viewer = scene.client(scene.certified("viewer", "otherix:viewer"));
  }

  @AfterEach
  void stop() {
    scene.close();
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("", name);
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text);
  }

  private static ResourceClient vms(ApiClient client) {
    return AccessScene.of(client, "vms");
  }

  private static void refused(int code, Executable attempt) {
    ApiException e = assertThrows(ApiException.class, attempt);
    assertEquals(code, e.code(), e.getMessage());
  }

  private ObjectNode machine(String name) throws InterruptedException {
    ObjectNode vm = vms(dev).create(AccessScene.object("VM", name, SPEC));
    scene.awaitCached("vms", name);
    return vm;
  }

  @Test
  void create_recordsTheOwner_whoMayChangeIt() throws Exception {
    ObjectNode vm = machine("m");
    assertEquals("dev", vm.at("/metadata/annotations/otherix~1owner").asString());
    vms(dev).mergePatch(key("m"), "", json("{\"spec\": {\"powerState\": \"Stopped\"}}"));
    vms(dev).delete(key("m"), DeleteOptions.DEFAULT);
  }

  @Test
  void otherDevelopersMachine_isSeenButNotThereForChanges() throws Exception {
    machine("m");
    assertEquals("m", vms(other).get(key("m")).at("/metadata/name").asString());
    refused(404, () -> vms(other).mergePatch(key("m"), "", json("{\"spec\": {}}")));
    refused(404, () -> vms(other).delete(key("m"), DeleteOptions.DEFAULT));
    refused(404, () -> vms(other).perform(key("m"), "stop", null));
    refused(404, () -> vms(other).apply(AccessScene.object("VM", "m", SPEC)));
    refused(403, () -> vms(viewer).delete(key("m"), DeleteOptions.DEFAULT));
    refused(403, () -> vms(viewer).create(AccessScene.object("VM", "x", SPEC)));
  }

  @Test
  void diskOfAnothersMachine_isNotCopied_andNoMachineMadeOfIt() throws Exception {
    machine("m");
    String ofM = "{\"vmName\": \"m\"}";
    refused(
        403,
        () ->
            AccessScene.of(other, "vmsnapshots")
                .create(AccessScene.object("VMSnapshot", "theft", ofM)));
    ObjectNode own =
        AccessScene.of(dev, "vmsnapshots").create(AccessScene.object("VMSnapshot", "own", ofM));
    scene.awaitCached("vmsnapshots", "own");
    String source = "{\"sourceSnapshotID\": \"" + own.at("/metadata/uid").asString("") + "\"}";
    refused(403, () -> vms(other).create(AccessScene.object("VM", "theft", source)));
    vms(dev).create(AccessScene.object("VM", "copy", source));
    refused(
        404, () -> AccessScene.of(other, "vmsnapshots").delete(key("own"), DeleteOptions.DEFAULT));
  }

  @Test
  void rulesOfAnothersMachine_areNotMade_norTakenAway() throws Exception {
    machine("m");
    String ofM = "{\"vmName\": \"m\", \"direction\": \"ingress\"}";
    ObjectNode foreign = AccessScene.object("SecurityRule", "theirs", ofM);
    refused(403, () -> AccessScene.of(other, "securityrules").create(foreign));
    ObjectNode early =
        AccessScene.object("SecurityRule", "early", ofM.replace("\"m\"", "\"later\""));
    refused(403, () -> AccessScene.of(dev, "securityrules").create(early));
    AccessScene.of(dev, "securityrules").create(AccessScene.object("SecurityRule", "own", ofM));
    scene.awaitCached("securityrules", "own");
    refused(
        404,
        () -> AccessScene.of(other, "securityrules").delete(key("own"), DeleteOptions.DEFAULT));
    AccessScene.of(dev, "securityrules").delete(key("own"), DeleteOptions.DEFAULT);
  }

  @Test
  void owner_canOnlyBeChangedByAnAdministrator() throws Exception {
    machine("m");
    String owner = "{\"metadata\": {\"annotations\": {\"otherix/owner\": \"%s\"}}}";
    refused(403, () -> vms(dev).mergePatch(key("m"), "", json(owner.formatted("other"))));
    ObjectNode forged = AccessScene.object("VM", "n", SPEC);
    forged.withObjectProperty("metadata").putObject("annotations").put("otherix/owner", "other");
    refused(403, () -> vms(dev).create(forged));
    ObjectNode live = vms(dev).get(key("m"));
    live.withObjectProperty("metadata").remove("annotations");
    assertEquals(
        "dev", vms(dev).update(live).at("/metadata/annotations/otherix~1owner").asString());
    ApiClient admin = scene.client(scene.certified("root", "otherix:admin"));
    vms(admin).mergePatch(key("m"), "", json(owner.formatted("other")));
    refused(404, () -> vms(dev).delete(key("m"), DeleteOptions.DEFAULT));
    vms(other).delete(key("m"), DeleteOptions.DEFAULT);
  }

  @Test
  void privileges_cannotBePatchedIn() throws Exception {
    machine("m");
    for (String patch :
        List.of(
            "{\"metadata\": {\"finalizers\": [\"otherix/agent\"]}}",
            "{\"spec\": {\"nodeName\": \"n1\"}}")) {
      refused(403, () -> vms(dev).mergePatch(key("m"), "", json(patch)));
    }
    refused(403, () -> vms(dev).mergePatch(key("m"), "status", json("{\"status\": {}}")));
    ObjectNode bound = AccessScene.object("VM", "n", SPEC);
    bound.withObjectProperty("spec").put("nodeName", "n1");
    refused(403, () -> vms(dev).create(bound));
    refused(
        403,
        () ->
            AccessScene.of(dev, "users")
                .create(AccessScene.object("User", "evil", "{\"role\": \"admin\"}")));
  }

  @Test
  void agentsFinalizer_cannotBeTakenAwayByTheOwner() throws Exception {
    machine("m");
    vms(scene.admin())
        .mergePatch(key("m"), "", json("{\"metadata\": {\"finalizers\": [\"otherix/agent\"]}}"));
    refused(
        403, () -> vms(dev).mergePatch(key("m"), "", json("{\"metadata\": {\"finalizers\": []}}")));
  }

  @Test
  void ownUser_profileOnly() throws Exception {
    ResourceClient admin = AccessScene.of(scene.admin(), "users");
    admin.create(AccessScene.object("User", "dev", "{\"role\": \"developer\"}"));
    admin.create(AccessScene.object("User", "other", "{\"role\": \"developer\"}"));
    ResourceClient users = AccessScene.of(dev, "users");
    users.mergePatch(key("dev"), "", json("{\"spec\": {\"displayName\": \"D\"}}"));
    refused(403, () -> users.mergePatch(key("dev"), "", json("{\"spec\": {\"role\": \"admin\"}}")));
    refused(
        403,
        () ->
            users.mergePatch(
                key("dev"),
                "",
                json("{\"metadata\": {\"labels\": null}," + "\"spec\": {\"role\": \"viewer\"}}")));
    refused(404, () -> users.get(key("other")));
    refused(404, () -> users.mergePatch(key("other"), "", json("{\"spec\": {}}")));
    assertEquals(1, users.list(ListOptions.ALL).items().size());
  }

  private static void assertRedacted(ObjectNode vm) {
    assertFalse(vm.toString().contains("password"), vm.toString());
    assertFalse(vm.toString().contains("secret"), vm.toString());
    assertEquals("amd64", vm.at("/spec/arch").asString());
  }

  @Test
  void secretsOfAMachine_areNotShownToOthers() throws Exception {
    ObjectNode mine = AccessScene.object("VM", "m", SPEC);
    mine.withObjectProperty("metadata")
        .putObject("annotations")
        .put("kubectl.kubernetes.io/last-applied-configuration", SPEC);
    vms(dev).create(mine);
    for (ApiClient each : List.of(other, viewer)) {
      assertRedacted(vms(each).get(key("m")));
      assertRedacted(vms(each).list(ListOptions.ALL).items().getFirst());
      try (ApiWatch watch = vms(each).watch(WatchOptions.ALL)) {
        assertRedacted(
            assertInstanceOf(WatchEvent.Changed.class, watch.next(Duration.ofSeconds(30)))
                .object());
      }
    }
    for (ApiClient each : List.of(dev, scene.admin())) {
      assertEquals("password", vms(each).get(key("m")).at("/spec/userData").asString());
    }
    var table =
        scene
            .transport(scene.certified("viewer", "otherix:viewer"))
            .send(
                new dev.otherix.apimachinery.client.WireRequest(
                    "GET",
                    "/apis/otherix/v1/vms",
                    "includeObject=Object",
                    java.util.Map.of("accept", "application/json;as=Table;v=v1;g=meta.k8s.io"),
                    new byte[0],
                    Duration.ofSeconds(30)));
    String text = new String(table.body(), java.nio.charset.StandardCharsets.UTF_8);
    assertTrue(text.contains("\"m\""), text);
    assertFalse(text.contains("secret"), text);
  }

  @Test
  void nodes_areASummaryForDevelopers() throws Exception {
    AccessScene.of(scene.admin(), "nodes")
        .create(
            AccessScene.object(
                "Node",
                "n1",
                "{\"arch\": \"amd64\", \"advertisedEndpoint\": \"https://10.0.0.1:9443\"}"));
    ObjectNode shown = AccessScene.of(dev, "nodes").get(key("n1"));
    assertEquals("amd64", shown.at("/spec/arch").asString());
    assertTrue(shown.at("/spec/advertisedEndpoint").isMissingNode());
    ApiClient operator = scene.client(scene.certified("op", "otherix:operator"));
    assertFalse(
        AccessScene.of(operator, "nodes")
            .get(key("n1"))
            .at("/spec/advertisedEndpoint")
            .isMissingNode());
  }

  @Test
  void tasks_ofOthers_areNotThere() throws Exception {
    for (String user : List.of("dev", "other")) {
      AccessScene.of(scene.admin(), "tasks")
          .create(
              AccessScene.object(
                  "Task",
                  "of-" + user,
                  """
                  {"type": "vm.reboot", "resource": {"kind": "VM", "name": "a"},
                   "createdBy": "%s"}
                  """
                      .formatted(user)));
    }
    List<ObjectNode> seen = AccessScene.of(dev, "tasks").list(ListOptions.ALL).items();
    assertEquals(1, seen.size());
    assertEquals("of-dev", seen.getFirst().at("/metadata/name").asString());
    refused(404, () -> AccessScene.of(dev, "tasks").get(key("of-other")));
  }

  private boolean canI(ApiClient client, String verb, String resource, String name)
      throws InterruptedException {
    ObjectNode question =
        json(
            """
            {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
             "metadata": {},
             "spec": {"resourceAttributes": {"verb": "%s", "group": "otherix",
               "resource": "%s", "name": "%s"}}}
            """
                .formatted(verb, resource, name));
    return client
        .resource(
            new dev.otherix.apimachinery.object.GroupVersionResource(
                "authorization.k8s.io", "v1", "selfsubjectaccessreviews"))
        .create(question, WriteOptions.DEFAULT)
        .at("/status/allowed")
        .asBoolean();
  }

  @Test
  void canI_answersFromTheSameRules() throws Exception {
    machine("m");
    assertTrue(canI(dev, "delete", "vms", "m"));
    assertTrue(canI(dev, "delete", "vms", ""));
    assertFalse(canI(other, "delete", "vms", "m"));
    assertFalse(canI(viewer, "delete", "vms", ""));
    assertTrue(canI(viewer, "list", "vms", ""));
    assertFalse(canI(dev, "create", "networks", ""));
  }

  @Test
  void withoutARole_nothingIsAllowed() {
    ApiClient nobody = scene.client(scene.certified("nobody"));
    refused(403, () -> vms(nobody).list(ListOptions.ALL));
  }
}
