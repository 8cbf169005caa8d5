package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Forgives what was wrong before: when a schema is tightened, objects that no longer fit stay
/// writable as long as a write leaves the misfits alone. Values are compared at the same place;
/// items of a keyed list by their keys, of any other list not at all.
final class Ratchet {
  private Ratchet() {}

  /// The errors that stand in what the write changed, and those that the old object did not have: a
  /// rule between fields may fail at one of them because of the other.
  static List<FieldError> unforgiven(
      List<FieldError> errors,
      List<FieldError> before,
      SchemaNode schema,
      ObjectNode old,
      ObjectNode changed) {
    List<FieldError> left = new ArrayList<>();
    for (FieldError error : errors) {
      boolean known = before.stream().anyMatch(each -> alike(each, error));
      if (!known || !unchanged(error.path().elements(), schema, old, changed)) {
        left.add(error);
      }
    }
    return left;
  }

  /// Items of a list may have moved, so the paths may differ, also where a detail repeats them.
  private static boolean alike(FieldError one, FieldError other) {
    return one.reason() == other.reason()
        && Objects.equals(one.value(), other.value())
        && withoutPath(one).equals(withoutPath(other));
  }

  private static String withoutPath(FieldError error) {
    return error.detail().replace(error.path().toString(), "");
  }

  /// Whether a value on the way to the error, or the one in error, is as it was.
  private static boolean unchanged(
      List<String> elements, SchemaNode schema, JsonNode old, JsonNode changed) {
    @Nullable SchemaNode at = schema;
    @Nullable JsonNode before = old;
    @Nullable JsonNode after = changed;
    for (String element : elements) {
      if (at == null || before == null || after == null) {
        return false;
      }
      if (after.isArray()) {
        after = after.get(Integer.parseInt(element));
        before = at.listType() == ListType.MAP ? withSameKeys(at, after, before) : null;
        at = at.items();
      } else {
        after = after.get(element);
        before = before.get(element);
        at = at.member(element);
      }
      if (before != null && Json.equal(before, after)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable JsonNode withSameKeys(
      SchemaNode list, @Nullable JsonNode item, JsonNode old) {
    for (JsonNode each : old) {
      boolean same = item != null;
      for (String key : list.listMapKeys()) {
        same = same && item != null && Json.equal(each.get(key), item.get(key));
      }
      if (same) {
        return each;
      }
    }
    return null;
  }
}
