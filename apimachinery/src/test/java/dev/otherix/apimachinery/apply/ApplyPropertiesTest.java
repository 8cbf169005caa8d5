package dev.otherix.apimachinery.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What holds for any objects and any order of writes.
@Tag("slow")
final class ApplyPropertiesTest {
  private static final int ROUNDS = 3_000;
  private static final Endpoint MAIN = Endpoint.main("v1", "Thing");
  private static final SchemaNode WHOLE = ObjectSchema.of(RandomTrees.SCHEMA);
  private static final ServerSideApply APPLY =
      new ServerSideApply(ServedVersions.only("v1", RandomTrees.SCHEMA));

  private static Writer by(String manager, long second) {
    return new Writer(manager, MAIN, Instant.ofEpochSecond(second));
  }

  /// A live object after up to five writes of three managers.
  private static @Nullable ObjectNode history(RandomTrees random) {
    ObjectNode live = null;
    for (int i = random.pick(6); i > 0; i--) {
      Writer writer = by(List.of("a", "b", "c").get(random.pick(3)), 10 - i);
      live =
          random.chance(3)
              ? APPLY.update(live, random.object(), writer).object()
              : APPLY.apply(live, random.object(), writer, true).object();
    }
    return live;
  }

  private static ManagedFields owners(ObjectNode object) throws MalformedFieldsException {
    return ManagedFields.decode(object.path("metadata").get("managedFields"));
  }

  private static FieldSet ownedBy(ObjectNode object, String applier)
      throws MalformedFieldsException {
    ManagedEntry entry = owners(object).get(ManagedEntry.ManagerKey.applier(applier, ""));
    return entry == null ? FieldSet.EMPTY : entry.fields();
  }

  private static @Nullable JsonNode find(SchemaNode schema, JsonNode at, List<PathElement> path) {
    if (path.isEmpty()) {
      return at;
    }
    PathElement first = path.getFirst();
    SchemaNode inner = schema.item();
    JsonNode next;
    if (first instanceof PathElement.Field(String name)) {
      inner = Shape.member(schema, name);
      next = at.get(name);
    } else {
      next = ListItems.of(schema, at).find(first);
    }
    return next == null ? null : find(inner, next, path.subList(1, path.size()));
  }

  @Test
  void apply_twice_changesNothingTheSecondTime() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      RandomTrees random = new RandomTrees(seed);
      ObjectNode live = history(random);
      ObjectNode body = random.object();
      ObjectNode once = APPLY.apply(live, body, by("a", 20), true).object();
      if (once.path("metadata").has("managedFields")) {
        Written twice = APPLY.apply(once, body, by("a", 30), false);
        assertFalse(twice.changed(), "SEED=" + seed + "\n" + once + "\n" + twice.object());
      }
    }
  }

  @Test
  void apply_forced_leavesTheApplierWithItsPathsAndValues() throws MalformedFieldsException {
    for (long seed = 0; seed < ROUNDS; seed++) {
      RandomTrees random = new RandomTrees(seed);
      ObjectNode live = history(random);
      ObjectNode body = random.object();
      ObjectNode result = APPLY.apply(live, body, by("a", 20), true).object();
      FieldSet applied = Extraction.applied(WHOLE, body).difference(NeverTracked.PATHS);
      assertEquals(applied, ownedBy(result, "a"), "SEED=" + seed);
      for (List<PathElement> path : applied.leaves().paths()) {
        String at = "SEED=" + seed + " " + PathElement.text(path);
        JsonNode wanted = find(WHOLE, body, path);
        JsonNode found = find(WHOLE, result, path);
        assertTrue(wanted != null && found != null, at);
        boolean container = found.isObject() && (wanted.isNull() || wanted.isEmpty());
        assertTrue(container || Json.equal(wanted, found), at + ": " + found);
      }
    }
  }

  @Test
  void apply_ofLess_leavesNothingThatNobodyOwns() throws MalformedFieldsException {
    int dropped = 0;
    for (long seed = 0; seed < ROUNDS; seed++) {
      RandomTrees random = new RandomTrees(seed);
      ObjectNode live = APPLY.apply(history(random), random.object(), by("a", 20), true).object();
      FieldSet before = ownedBy(live, "a");
      ObjectNode result = APPLY.apply(live, random.object(), by("a", 30), true).object();
      FieldSet anyone = FieldSet.EMPTY;
      for (ManagedEntry entry : owners(result).entries()) {
        anyone = anyone.union(entry.fields());
      }
      for (List<PathElement> path : before.difference(anyone).leaves().paths()) {
        JsonNode left = find(WHOLE, result, path);
        boolean hollow = left != null && left.isObject();
        assertTrue(
            left == null || (hollow && someoneOwnsBelow(anyone, path)),
            "SEED=" + seed + " " + PathElement.text(path) + " is left: " + left);
        dropped++;
      }
    }
    assertTrue(dropped > ROUNDS / 2, "only " + dropped + " paths were dropped");
  }

  private static boolean someoneOwnsBelow(FieldSet owned, List<PathElement> path) {
    FieldSet at = owned;
    for (PathElement element : path) {
      at = at.below(element);
    }
    return !at.isEmpty();
  }

  @Test
  void apply_unforced_neverChangesWhatOthersOwn() throws MalformedFieldsException {
    int refused = 0;
    for (long seed = 0; seed < ROUNDS; seed++) {
      RandomTrees random = new RandomTrees(seed);
      ObjectNode live = history(random);
      if (live == null) {
        continue;
      }
      ObjectNode result;
      try {
        result = APPLY.apply(live, random.object(), by("new", 20), false).object();
      } catch (dev.otherix.apimachinery.status.ApiException e) {
        assertEquals(409, e.code(), "SEED=" + seed);
        refused++;
        continue;
      }
      for (ManagedEntry entry : owners(live).entries()) {
        for (List<PathElement> path : entry.fields().leaves().paths()) {
          JsonNode before = find(WHOLE, live, path);
          JsonNode after = find(WHOLE, result, path);
          boolean container = after != null && (after.isContainer() || after.isNull());
          assertTrue(
              container || Json.equal(before, after),
              "SEED=" + seed + " " + PathElement.text(path) + ": " + before + " " + after);
        }
      }
    }
    assertTrue(refused > ROUNDS / 20 && refused < ROUNDS * 19 / 20, "refused " + refused);
  }

  @Test
  void merge_anyTwo_holdsBothAndItself() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      RandomTrees random = new RandomTrees(seed);
      ObjectNode live = APPLY.update(null, random.object(), by("x", 1)).object();
      ((ObjectNode) live.get("metadata")).remove("managedFields");
      ObjectNode body = random.object();
      String at = "SEED=" + seed;
      assertEquals(live, Merge.merge(WHOLE, live, live), at);
      ObjectNode merged = Merge.merge(WHOLE, live, body);
      assertEquals(merged, Merge.merge(WHOLE, merged, body), at);
      Comparison change = Comparison.of(WHOLE, live, merged);
      FieldSet applied = Extraction.everything(WHOLE, body);
      assertEquals(FieldSet.EMPTY, change.added().difference(applied), at);
      Comparison none = Comparison.of(WHOLE, merged, merged.deepCopy());
      assertTrue(none.written().isEmpty() && none.removed().isEmpty(), at);
    }
  }

  @Test
  void comparison_turnedRound_swapsAddedAndRemoved() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      RandomTrees random = new RandomTrees(seed);
      ObjectNode left = random.object();
      ObjectNode right = random.object();
      Comparison there = Comparison.of(WHOLE, left, right);
      Comparison back = Comparison.of(WHOLE, right, left);
      assertEquals(there.added(), back.removed(), "SEED=" + seed);
      assertEquals(there.removed(), back.added(), "SEED=" + seed);
      assertEquals(there.modified(), back.modified(), "SEED=" + seed);
    }
  }

  @Test
  void removal_ofEverythingOwned_leavesNothing() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      ObjectNode object = new RandomTrees(seed).object();
      Removal.remove(WHOLE, object, Pruning.named(WHOLE, Extraction.owned(WHOLE, object)));
      for (String name : List.of("apiVersion", "kind", "metadata")) {
        assertFalse(object.has(name), "SEED=" + seed + " " + object);
      }
      assertEquals(
          FieldSet.EMPTY, Extraction.owned(WHOLE, object).difference(FieldSet.ofFields("spec")));
    }
  }
}
