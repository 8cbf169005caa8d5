package dev.otherix.controllers.access;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Two nodes with one machine each.
@Tag("slow")
final class NodeAuthorizationTest {
  private static final String MACHINE =
      """
      {"imageURL": "https://images.example/a.qcow2", "arch": "amd64", "nodeName": "%s",
       "userData": "#cloud-config"}
      """;

  @TempDir Path folder;
  private AccessScene scene;
  private ApiClient admin;
  private ApiClient a;

  @BeforeEach
  void start() throws Exception {
    scene = new AccessScene(folder);
    admin = scene.admin();
    a = scene.node("a");
    scene.node("b");
    for (String node : List.of("a", "b")) {
      ObjectNode vm = AccessScene.object("VM", "on-" + node, MACHINE.formatted(node));
      vm.withObjectProperty("metadata").putArray("finalizers").add("otherix/agent").add("x.io/y");
      AccessScene.of(admin, "vms").create(vm);
      AccessScene.of(admin, "tasks")
          .create(
              AccessScene.object(
                  "Task",
                  "for-" + node,
                  """
                  {"type": "vm.reboot", "resource": {"kind": "VM", "name": "on-%s"},
                   "nodeName": "%s"}
                  """
                      .formatted(node, node)));
      ObjectNode snapshot =
          AccessScene.object(
              "VMSnapshot",
              "of-" + node,
              "{\"vmName\": \"on-%s\", \"nodeName\": \"%s\"}".formatted(node, node));
      snapshot.withObjectProperty("metadata").putArray("finalizers").add("otherix/agent");
      AccessScene.of(admin, "vmsnapshots").create(snapshot);
      scene.awaitCached("vmsnapshots", "of-" + node);
      scene.awaitCached("vms", "on-" + node);
      scene.awaitCached("tasks", "for-" + node);
    }
  }

  @AfterEach
  void stop() throws Exception {
    scene.close();
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("", name);
  }

  private ResourceClient asA(String plural) {
    return AccessScene.of(a, plural);
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text);
  }

  private static void refused(int code, Executable attempt) {
    ApiException e = assertThrows(ApiException.class, attempt);
    assertEquals(code, e.code(), e.getMessage());
  }

  private static List<String> names(List<ObjectNode> items) {
    return items.stream().map(each -> each.at("/metadata/name").asString()).toList();
  }

  @Test
  void read_whatIsItsOwn_isAllowedAndWhole() throws Exception {
    assertEquals("#cloud-config", asA("vms").get(key("on-a")).at("/spec/userData").asString());
    assertEquals("a", asA("tasks").get(key("for-a")).at("/spec/nodeName").asString());
    assertEquals("a", asA("nodes").get(key("a")).at("/metadata/name").asString());
  }

  @Test
  void nodeA_readingNodeBsMachine_findsNothing() throws Exception {
    refused(404, () -> asA("vms").get(key("on-b")));
    refused(404, () -> asA("tasks").get(key("for-b")));
    refused(404, () -> asA("nodes").get(key("b")));
    refused(404, () -> asA("vms").get(key("none")));
  }

  @Test
  void list_showsOnlyItsOwn_whateverItSelects() throws Exception {
    assertEquals(List.of("on-a"), names(asA("vms").list(ListOptions.ALL).items()));
    assertEquals(List.of("for-a"), names(asA("tasks").list(ListOptions.ALL).items()));
    assertEquals(List.of("a"), names(asA("nodes").list(ListOptions.ALL).items()));
    ListOptions ofB = ListOptions.ALL.withSelectors("", "spec.nodeName=b");
    assertEquals(List.of(), asA("vms").list(ofB).items());
    ListOptions ofA = ListOptions.ALL.withSelectors("", "spec.nodeName=a");
    assertEquals(List.of("on-a"), names(asA("vms").list(ofA).items()));
  }

  @Test
  void nodeA_writingNodeBsMachine_findsNothing() {
    ObjectNode patch = json("{\"status\": {\"node\": \"a\"}}");
    refused(404, () -> asA("vms").mergePatch(key("on-b"), "status", patch));
    refused(404, () -> asA("tasks").mergePatch(key("for-b"), "status", patch));
    refused(404, () -> asA("nodes").mergePatch(key("b"), "status", patch));
    refused(404, () -> asA("vms").mergePatch(key("on-b"), "", json("{\"metadata\": {}}")));
  }

  @Test
  void status_ofItsOwn_isWritten() throws Exception {
    ObjectNode vm =
        asA("vms").mergePatch(key("on-a"), "status", json("{\"status\": {\"node\": \"a\"}}"));
    assertEquals("a", vm.at("/status/node").asString());
    asA("nodes").mergePatch(key("a"), "status", json("{\"status\": {\"agentVersion\": \"1\"}}"));
    asA("tasks").mergePatch(key("for-a"), "status", json("{\"status\": {\"phase\": \"running\"}}"));
  }

  private static ObjectNode claim(ObjectNode seen) {
    ObjectNode patch = json("{\"status\": {\"claims\": 1, \"fencedAfterSeconds\": 180}}");
    patch
        .putObject("metadata")
        .put("resourceVersion", seen.at("/metadata/resourceVersion").asString());
    return patch;
  }

  @Test
  void claim_ofItsOwnMachine_isWrittenOnlyAsItWasRead() throws Exception {
    ObjectNode seen = asA("vms").get(key("on-a"));
    ObjectNode vm = asA("vms").mergePatch(key("on-a"), "status", claim(seen));
    assertEquals(1, vm.at("/status/claims").asInt());
    refused(409, () -> asA("vms").mergePatch(key("on-a"), "status", claim(seen)));
    ObjectNode ofB = AccessScene.of(admin, "vms").get(key("on-b"));
    refused(404, () -> asA("vms").mergePatch(key("on-b"), "status", claim(ofB)));
    refused(
        403,
        () ->
            asA("vms")
                .mergePatch(
                    key("on-a"), "", json("{\"spec\": {\"nodeName\": null, \"incarnation\": 1}}")));
  }

  /// Its scheduler or a recovery gave it to another node, which the caller has not heard yet.
  @Test
  void claim_ofAMachineThatWasTakenAway_findsNothing() throws Exception {
    ObjectNode seen = asA("vms").get(key("on-a"));
    AccessScene.of(admin, "vms")
        .mergePatch(key("on-a"), "", json("{\"spec\": {\"nodeName\": \"b\", \"incarnation\": 1}}"));
    // Before the cache knows of it, the revision that was read is what a claim fails by (409).
    refused(404, () -> asA("vms").get(key("on-a")));
    refused(404, () -> asA("vms").mergePatch(key("on-a"), "status", claim(seen)));
    refused(
        404,
        () ->
            asA("vms")
                .mergePatch(
                    key("on-a"), "", json("{\"metadata\": {\"finalizers\": [\"x.io/y\"]}}")));
  }

  @Test
  void snapshots_ofItsOwnMachines_areReportedAndLetGo_noOthers() throws Exception {
    ResourceClient snapshots = asA("vmsnapshots");
    assertEquals(List.of("of-a"), names(snapshots.list(ListOptions.ALL).items()));
    refused(404, () -> snapshots.get(key("of-b")));
    ObjectNode ready = json("{\"status\": {\"phase\": \"ready\"}}");
    snapshots.mergePatch(key("of-a"), "status", ready);
    refused(404, () -> snapshots.mergePatch(key("of-b"), "status", ready));
    refused(
        403,
        () ->
            snapshots.mergePatch(key("of-a"), "", json("{\"spec\": {\"description\": \"mine\"}}")));
    snapshots.mergePatch(key("of-a"), "", json("{\"metadata\": {\"finalizers\": []}}"));
  }

  @Test
  void nodeStatus_whatControllersWrite_isRefused() {
    refused(
        403,
        () ->
            asA("nodes")
                .mergePatch(key("a"), "status", json("{\"status\": {\"phase\": \"ready\"}}")));
  }

  @Test
  void finalizer_itsOwnOnly_canBeTakenAway() throws Exception {
    refused(
        403,
        () -> asA("vms").mergePatch(key("on-a"), "", json("{\"metadata\": {\"finalizers\": []}}")));
    ObjectNode vm =
        asA("vms")
            .mergePatch(key("on-a"), "", json("{\"metadata\": {\"finalizers\": [\"x.io/y\"]}}"));
    assertEquals(1, vm.at("/metadata/finalizers").size());
  }

  @Test
  void specAndOwnership_areRefused() {
    for (String patch :
        List.of(
            "{\"spec\": {\"powerState\": \"Stopped\"}}",
            "{\"spec\": {\"nodeName\": \"b\"}}",
            "{\"metadata\": {\"annotations\": {\"otherix/owner\": \"me\"}}}",
            "{\"metadata\": {\"finalizers\": [\"otherix/agent\", \"x.io/y\", \"z.io/z\"]}}",
            "{\"metadata\": {\"labels\": {\"a\": \"b\"}, \"finalizers\": [\"x.io/y\"]}}")) {
      refused(403, () -> asA("vms").mergePatch(key("on-a"), "", json(patch)));
    }
    refused(403, () -> asA("nodes").mergePatch(key("a"), "", json("{\"spec\": {}}")));
    refused(403, () -> asA("tasks").mergePatch(key("for-a"), "", json("{\"spec\": {}}")));
  }

  @Test
  void otherVerbsAndKinds_areRefused() throws Exception {
    ObjectNode vm = AccessScene.object("VM", "new", MACHINE.formatted("a"));
    refused(403, () -> asA("vms").create(vm));
    refused(403, () -> asA("vms").delete(key("on-a"), DeleteOptions.DEFAULT));
    refused(403, () -> asA("vms").deleteCollection(ListOptions.ALL, DeleteOptions.DEFAULT));
    refused(403, () -> asA("vms").perform(key("on-a"), "start", null));
    for (String plural : List.of("users", "apitokens", "jointokens")) {
      refused(403, () -> asA(plural).list(ListOptions.ALL));
    }
    for (String plural :
        List.of(
            "ports", "networks", "meshpeers", "securityrules", "storagepools", "clustersettings")) {
      assertTrue(asA(plural).list(ListOptions.ALL).items().isEmpty());
      refused(403, () -> asA(plural).delete(key("x"), DeleteOptions.DEFAULT));
    }
    ResourceClient secrets = a.resource(new GroupVersionResource("", "v1", "secrets"));
    refused(403, () -> secrets.list(ListOptions.ALL));
  }

  private static ObjectNode lease(String name, String holder) {
    return json(
        """
        {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
         "metadata": {"name": "%s", "namespace": "otherix-nodes"},
         "spec": {"holderIdentity": "%s", "leaseDurationSeconds": 40}}
        """
            .formatted(name, holder));
  }

  @Test
  void lease_itsOwnOnly() throws Exception {
    ResourceClient leases =
        a.resource(new GroupVersionResource("coordination.k8s.io", "v1", "leases"));
    leases.create(lease("a", "node-a"));
    ObjectNode mine = leases.get(new ObjectKey("otherix-nodes", "a"));
    leases.update(mine);
    refused(403, () -> leases.create(lease("b", "node-a")));
    refused(403, () -> leases.get(new ObjectKey("otherix-nodes", "b")));
    ObjectNode others = mine.deepCopy();
    others.withObjectProperty("spec").put("holderIdentity", "node-b");
    refused(403, () -> leases.update(others));
    refused(403, () -> leases.get(new ObjectKey("kube-system", "a")));
  }

  @Test
  void events_canBeTold() throws Exception {
    a.resource(new GroupVersionResource("", "v1", "events"))
        .create(
            json(
                """
                {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e",
                  "namespace": "default"}, "type": "Normal", "reason": "Started",
                  "involvedObject": {"kind": "VM", "name": "on-a", "apiVersion": "otherix/v1"}}
                """));
  }

  @Test
  void deletedNode_isNobodyAtOnce() throws Exception {
    AccessScene.of(admin, "nodes").delete(key("a"), DeleteOptions.DEFAULT);
    await().untilAsserted(() -> refused(401, () -> asA("vms").get(key("on-a"))));
  }
}
