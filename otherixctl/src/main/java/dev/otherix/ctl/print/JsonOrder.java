package dev.otherix.ctl.print;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.JsonPath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// The order of objects by a field: numbers by value, everything else as text; objects without the
/// field come first.
public final class JsonOrder {
  private JsonOrder() {}

  public static Comparator<JsonNode> by(JsonPath path) {
    return (one, other) -> compare(path.first(one), path.first(other));
  }

  /// Sorts the rows of a table by the objects in them.
  public static void sort(ArrayNode rows, JsonPath path) {
    List<JsonNode> sorted = new ArrayList<>();
    rows.forEach(sorted::add);
    Comparator<JsonNode> order = by(path);
    sorted.sort((one, other) -> order.compare(one.path("object"), other.path("object")));
    rows.removeAll();
    rows.addAll(sorted);
  }

  private static int compare(@Nullable JsonNode one, @Nullable JsonNode other) {
    if (one == null || other == null) {
      return Boolean.compare(one != null, other != null);
    }
    if (one.isNumber() && other.isNumber()) {
      return Json.compareNumbers(one, other);
    }
    return JsonPathTemplate.text(one).compareTo(JsonPathTemplate.text(other));
  }
}
