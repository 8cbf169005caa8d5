package dev.otherix.apimachinery.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.SchemaReader;
import dev.otherix.apimachinery.status.ApiException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

final class ServerSideApplyTest {
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
  private static final SchemaNode KIND =
      SchemaReader.read(
          Json.parseObject(
              """
              {"type":"object","properties":{
                "spec":{"type":"object","properties":{
                  "x":{"type":"integer"},"y":{"type":"integer"},"z":{"type":"integer"}}},
                "status":{"type":"object","properties":{"foo":{"type":"string"}}}}}
              """));
  private static final ServerSideApply APPLY = new ServerSideApply(ServedVersions.only("v1", KIND));
  private static final Endpoint MAIN = Endpoint.main("v1", "Thing");
  private static final Endpoint STATUS =
      new Endpoint("v1", "Thing", "status", ResetFields.allBut(KIND, "status"));

  private static ObjectNode thing(String members) {
    return Json.parseObject(
        "{\"apiVersion\":\"v1\",\"kind\":\"Thing\",\"metadata\":{\"name\":\"t\"}"
            + (members.isEmpty() ? "" : "," + members)
            + "}");
  }

  private static Writer at(String manager, Endpoint endpoint, long second) {
    return new Writer(manager, endpoint, Instant.ofEpochSecond(second));
  }

  private static ObjectNode apply(
      @Nullable ObjectNode live, String members, String manager, long second) {
    return APPLY.apply(live, thing(members), at(manager, MAIN, second), false).object();
  }

  private static ObjectNode update(
      @Nullable ObjectNode live, String members, String manager, long second) {
    return APPLY.update(live, thing(members), at(manager, MAIN, second)).object();
  }

  private static List<String> owners(ObjectNode object) {
    List<String> owners = new ArrayList<>();
    for (JsonNode entry : object.path("metadata").path("managedFields")) {
      owners.add(
          entry.path("operation").asString("")
              + " "
              + entry.path("manager").asString("")
              + " "
              + Instant.parse(entry.path("time").asString("1970-01-01T00:00:00Z")).getEpochSecond()
              + " "
              + entry.path("fieldsV1"));
    }
    return owners;
  }

  private static ApiException refused(ObjectNode live, String members, String manager) {
    return assertThrows(ApiException.class, () -> apply(live, members, manager, 99));
  }

  @Test
  void apply_oneConflict_saysWhoOwnsWhat() {
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "other", 1);
    ApiException e = refused(live, "\"spec\":{\"x\":2}", "me");
    assertEquals("Apply failed with 1 conflict: conflict with \"other\": .spec.x", e.getMessage());
    assertEquals(
        Json.parse(
                """
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
                 "message":"Apply failed with 1 conflict: conflict with \\"other\\": .spec.x",
                 "reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict",
                 "message":"conflict with \\"other\\"","field":".spec.x"}]},"code":409}
                """)
            .toString(),
        e.status().toJson().toString());
  }

  @Test
  void apply_severalConflicts_listsThemByManager() {
    ObjectNode live = apply(null, "\"spec\":{\"z\":1}", "b", 1);
    live = update(live.deepCopy(), "\"spec\":{\"x\":1,\"y\":1,\"z\":1}", "a", 1_000_000_000);
    ApiException e = refused(live, "\"spec\":{\"x\":2,\"y\":2,\"z\":2}", "me");
    assertEquals(
        """
        Apply failed with 3 conflicts: conflicts with "a" using v1 at 2001-09-09T01:46:40Z:
        - .spec.x
        - .spec.y
        conflicts with "b":
        - .spec.z\
        """,
        e.getMessage());
  }

  @Test
  void apply_conflictOnSubresource_namesIt() {
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "me", 1);
    ObjectNode next = live.deepCopy();
    next.set("status", Json.parse("{\"foo\":\"a\"}"));
    ObjectNode stored = APPLY.update(live, next, at("x", STATUS, 1_000_000_000)).object();
    ApiException e =
        assertThrows(
            ApiException.class,
            () ->
                APPLY.apply(
                    stored, thing("\"status\":{\"foo\":\"b\"}"), at("me", STATUS, 9), false));
    assertEquals(
        "Apply failed with 1 conflict: conflict with \"x\" with subresource \"status\" using v1 at"
            + " 2001-09-09T01:46:40Z: .status.foo",
        e.getMessage());
  }

  @Test
  void apply_objectWithoutOwners_creditsBeforeFirstApply() {
    ObjectNode live = thing("\"spec\":{\"x\":1,\"y\":1}");
    assertEquals(
        "Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1 at"
            + " 1970-01-01T00:01:39Z: .spec.x",
        refused(live, "\"spec\":{\"x\":2}", "me").getMessage());
    ObjectNode same = apply(live, "\"spec\":{\"x\":1}", "me", 3);
    assertEquals(
        List.of(
            "Apply me 3 {\"f:spec\":{\"f:x\":{}}}",
            "Update before-first-apply 3 {\"f:spec\":{\".\":{},\"f:x\":{},\"f:y\":{}}}"),
        owners(same));
  }

  @Test
  void apply_toNothing_createsAndOwns() {
    Written written = APPLY.apply(null, thing("\"spec\":{\"x\":1}"), at("me", MAIN, 5), false);
    assertTrue(written.changed());
    assertEquals(List.of("Apply me 5 {\"f:spec\":{\"f:x\":{}}}"), owners(written.object()));
  }

  @Test
  void apply_again_returnsLiveItselfAndKeepsItsTime() {
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "me", 5);
    Written written = APPLY.apply(live, thing("\"spec\":{\"x\":1}"), at("me", MAIN, 50), false);
    assertSame(live, written.object());
    assertFalse(written.changed());
  }

  @Test
  void apply_ofOther_leavesTimesOfOthersAlone() {
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "a", 5);
    live = apply(live, "\"spec\":{\"y\":1}", "b", 6);
    live = apply(live, "\"spec\":{\"y\":2}", "b", 7);
    assertEquals(
        List.of("Apply a 5 {\"f:spec\":{\"f:x\":{}}}", "Apply b 7 {\"f:spec\":{\"f:y\":{}}}"),
        owners(live));
  }

  @Test
  void update_removingOnly_leavesTimes() {
    ObjectNode live = update(null, "\"spec\":{\"x\":1,\"y\":1}", "c", 5);
    ObjectNode next = update(live, "\"spec\":{\"x\":1}", "c", 9);
    assertEquals(List.of("Update c 5 {\"f:spec\":{\".\":{},\"f:x\":{}}}"), owners(next));
  }

  @Test
  void update_nothing_returnsLive() {
    ObjectNode live = update(null, "\"spec\":{\"x\":1}", "c", 5);
    Written written = APPLY.update(live, live.deepCopy(), at("d", MAIN, 9));
    assertSame(live, written.object());
    assertFalse(written.changed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[{}]"})
  void update_resettingOwners_forgetsThemUntilTheNextApply(String reset) {
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "a", 5);
    ObjectNode next = thing("\"spec\":{\"x\":1}");
    ((ObjectNode) next.get("metadata")).set("managedFields", Json.parse(reset));
    Written forgotten = APPLY.update(live, next, at("c", MAIN, 6));
    assertTrue(forgotten.changed());
    assertFalse(forgotten.object().path("metadata").has("managedFields"));
    ObjectNode untracked = update(forgotten.object(), "\"spec\":{\"x\":2}", "c", 7);
    assertEquals(List.of(), owners(untracked));
    ObjectNode applied = apply(untracked, "\"spec\":{\"x\":2}", "a", 8);
    assertEquals(
        List.of(
            "Apply a 8 {\"f:spec\":{\"f:x\":{}}}",
            "Update before-first-apply 8 {\"f:spec\":{\".\":{},\"f:x\":{}}}"),
        owners(applied));
  }

  @Test
  void update_sentOwners_replaceTheLiveOnesOnlyOnTheObjectItself() {
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "a", 5);
    ObjectNode next = live.deepCopy();
    ((ObjectNode) next.path("metadata").path("managedFields").get(0)).put("manager", "z");
    assertEquals(
        List.of("Apply z 5 {\"f:spec\":{\"f:x\":{}}}"),
        owners(APPLY.update(live, next.deepCopy(), at("c", MAIN, 6)).object()));
    assertEquals(
        List.of("Apply a 5 {\"f:spec\":{\"f:x\":{}}}"),
        owners(APPLY.update(live, next, at("c", STATUS, 6)).object()));
  }

  @Test
  void update_unreadableSentOwners_keepsTheLiveOnesAndSaysSo() {
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "a", 5);
    ObjectNode next = thing("\"spec\":{\"x\":1,\"y\":1}");
    ((ObjectNode) next.get("metadata")).put("managedFields", "x");
    Written written = APPLY.update(live, next, at("c", MAIN, 6));
    assertTrue(written.ownersForgotten());
    assertEquals(
        List.of("Apply a 5 {\"f:spec\":{\"f:x\":{}}}", "Update c 6 {\"f:spec\":{\"f:y\":{}}}"),
        owners(written.object()));
  }

  @Test
  void apply_unreadableLiveOwners_beginsAnewAndSaysSo() {
    ObjectNode live = thing("\"spec\":{\"x\":1}");
    ((ObjectNode) live.get("metadata")).put("managedFields", "x");
    Written written = APPLY.apply(live, thing("\"spec\":{\"x\":1}"), at("a", MAIN, 6), false);
    assertTrue(written.ownersForgotten());
    assertEquals(
        List.of(
            "Apply a 6 {\"f:spec\":{\"f:x\":{}}}",
            "Update before-first-apply 6 {\"f:spec\":{\".\":{},\"f:x\":{}}}"),
        owners(written.object()));
  }

  @Test
  void update_manyManagers_mergesTheOldest() {
    ObjectNode live = update(null, "\"spec\":{\"x\":0}", "u0", 100);
    for (int i = 1; i <= 12; i++) {
      String members = "\"spec\":{\"x\":" + i + "},\"metadata\":{\"name\":\"t\",\"labels\":{";
      StringBuilder labels = new StringBuilder();
      for (int j = 1; j <= i; j++) {
        labels.append(j == 1 ? "" : ",").append("\"l").append(j).append("\":\"v\"");
      }
      ObjectNode next =
          Json.parseObject("{\"apiVersion\":\"v1\",\"kind\":\"Thing\"," + members + labels + "}}}");
      live = APPLY.update(live, next, at("u" + i, MAIN, 100 + i)).object();
    }
    List<String> owners = owners(live);
    assertEquals(ManagedFields.UPDATERS_MAX, owners.size());
    assertTrue(owners.getFirst().startsWith("Update ancient-changes 103 "), owners.getFirst());
  }

  @Test
  void update_creatingWithOwnersOfAnotherVersion_convertsNoEmptyObject() {
    ServerSideApply apply =
        new ServerSideApply(
            new ServedVersions(
                Map.of("v1", KIND, "v2", KIND),
                (object, _, to) -> {
                  assertTrue(object.has("kind"), "an object without a kind was converted");
                  return object.deepCopy().put("apiVersion", to);
                }));
    ObjectNode created = thing("\"spec\":{\"x\":1}");
    ((ObjectNode) created.get("metadata"))
        .set(
            "managedFields",
            Json.parse(
                """
                [{"apiVersion":"v2","fieldsType":"FieldsV1","operation":"Apply","manager":"a",
                  "fieldsV1":{"f:spec":{"f:x":{},"f:y":{}}}}]
                """));
    assertEquals(
        List.of("Update c 5 {\"f:spec\":{\".\":{},\"f:x\":{}}}"),
        owners(apply.update(null, created, at("c", MAIN, 5)).object()).stream()
            .filter(owner -> owner.startsWith("Update"))
            .toList());
  }

  @Test
  void apply_withoutMetadata_prunesOnlyWhatWasApplied() {
    ObjectNode labelled = thing("");
    ((ObjectNode) labelled.get("metadata")).putObject("labels").put("l", "v");
    ObjectNode live = APPLY.apply(null, labelled, at("a", MAIN, 5), false).object();
    ((ObjectNode) live.get("metadata")).put("uid", "u");
    ObjectNode bare = Json.parseObject("{\"apiVersion\":\"v1\",\"kind\":\"Thing\"}");
    ObjectNode result = APPLY.apply(live, bare, at("a", MAIN, 6), false).object();
    assertEquals("{\"name\":\"t\",\"uid\":\"u\"}", result.path("metadata").toString());
  }

  @Test
  void apply_onlyAnObsoleteEntryVanishes_keepsTheAppliersTime() {
    ServerSideApply both =
        new ServerSideApply(
            new ServedVersions(
                Map.of("v1", KIND, "v0", KIND), (object, _, _) -> object.deepCopy()));
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "a", 5);
    ObjectNode older = thing("\"spec\":{\"x\":1}").put("apiVersion", "v0");
    Writer old = new Writer("b", Endpoint.main("v0", "Thing"), Instant.ofEpochSecond(6));
    live = both.apply(live, older, old, false).object();
    assertEquals(2, owners(live).size());
    live.put("apiVersion", "v1");
    Written written = APPLY.apply(live, thing("\"spec\":{\"x\":1}"), at("a", MAIN, 9), false);
    assertTrue(written.changed());
    assertEquals(List.of("Apply a 5 {\"f:spec\":{\"f:x\":{}}}"), owners(written.object()));
  }

  @Test
  void writer_withoutName_isUnknown() {
    assertTrue(owners(update(null, "\"spec\":{\"x\":1}", "", 1)).getFirst().contains("unknown"));
  }

  @Test
  void differOnlyInTimes_timeAndValue_areToldApart() {
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "a", 5);
    ObjectNode later = apply(null, "\"spec\":{\"x\":1}", "a", 6);
    assertTrue(ServerSideApply.differOnlyInTimes(live, later));
    assertFalse(ServerSideApply.differOnlyInTimes(live, apply(null, "\"spec\":{\"x\":2}", "a", 5)));
    assertFalse(ServerSideApply.differOnlyInTimes(live, apply(null, "\"spec\":{\"x\":1}", "b", 5)));
  }

  private static ObjectNode clientSideApplied(String lastApplied, String spec) {
    ObjectNode object = thing("\"spec\":" + spec);
    ((ObjectNode) object.get("metadata")).putObject("annotations").put(LAST_APPLIED, lastApplied);
    return APPLY.update(null, object, at("kubectl-client-side-apply", MAIN, 1)).object();
  }

  private static final String RECORDED =
      "{\"apiVersion\":\"v1\",\"kind\":\"Thing\",\"metadata\":{\"name\":\"t\"},"
          + "\"spec\":{\"x\":1,\"y\":1}}";

  @Test
  void apply_kubectlOverItsLastApplied_takesWithoutForceAndKeepsTheAnnotation() {
    ObjectNode live = clientSideApplied(RECORDED, "{\"x\":1,\"y\":1}");
    ObjectNode result = apply(live, "\"spec\":{\"x\":2,\"y\":1}", "kubectl", 2);
    assertEquals(2, result.path("spec").path("x").asInt());
    String annotation = result.path("metadata").path("annotations").path(LAST_APPLIED).asString("");
    assertEquals(thing("\"spec\":{\"x\":2,\"y\":1}") + "\n", annotation);
    assertTrue(owners(result).getFirst().startsWith("Apply kubectl 2 "));
  }

  @Test
  void apply_anotherManagerOverLastApplied_conflicts() {
    ObjectNode live = clientSideApplied(RECORDED, "{\"x\":1,\"y\":1}");
    assertEquals(409, refused(live, "\"spec\":{\"x\":2}", "someone").code());
  }

  @Test
  void apply_kubectlOverWhatItDidNotRecord_conflictsThereOnly() {
    ObjectNode live = clientSideApplied(RECORDED, "{\"x\":1,\"y\":5,\"z\":1}");
    ApiException e = refused(live, "\"spec\":{\"x\":2,\"y\":2,\"z\":2}", "kubectl");
    assertTrue(e.status().message().startsWith("Apply failed with 2 conflicts"), e.getMessage());
    assertTrue(e.status().message().endsWith("\n- .spec.y\n- .spec.z"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "[]", "{\"apiVersion\":\"v9\",\"spec\":{\"x\":1}}"})
  void apply_kubectlWithUselessAnnotation_conflicts(String annotation) {
    ObjectNode live = clientSideApplied(annotation, "{\"x\":1}");
    assertEquals(409, refused(live, "\"spec\":{\"x\":2}", "kubectl").code());
  }

  @Test
  void apply_kubectlWithHugeConfiguration_dropsTheAnnotation() {
    ObjectNode live = clientSideApplied(RECORDED, "{\"x\":1,\"y\":1}");
    ObjectNode applied = thing("\"spec\":{\"x\":1,\"y\":1}");
    ((ObjectNode) applied.get("metadata"))
        .putObject("annotations")
        .put("big", "x".repeat(200 * 1024));
    ObjectNode result = APPLY.apply(live, applied, at("kubectl", MAIN, 2), false).object();
    assertFalse(result.path("metadata").path("annotations").has(LAST_APPLIED));
    assertTrue(result.path("metadata").path("annotations").has("big"));
  }

  @Test
  void apply_result_sharesNothingWithItsArguments() {
    ObjectNode live = apply(null, "\"spec\":{\"x\":1}", "a", 5);
    ObjectNode applied = thing("\"spec\":{\"y\":1}");
    String before = live + " " + applied;
    ObjectNode result = APPLY.apply(live, applied, at("b", MAIN, 6), false).object();
    ((ObjectNode) result.path("spec")).put("x", 9).put("y", 9);
    ((ObjectNode) result.path("metadata")).put("name", "other");
    assertEquals(before, live + " " + applied);
  }
}
