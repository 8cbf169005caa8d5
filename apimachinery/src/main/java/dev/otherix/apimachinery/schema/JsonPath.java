package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The part of JSONPath that columns, selectable fields and scale use: `.a.b[0].c`, `['key']`,
/// `[*]` and `[?(@.type=="Ready")]`. Immutable and thread-safe.
public final class JsonPath {
  private final String text;
  private final List<Segment> segments;

  JsonPath(String text, List<Segment> segments) {
    this.text = text;
    this.segments = List.copyOf(segments);
  }

  /// One step of a path.
  sealed interface Segment {
    record Field(String name) implements Segment {}

    /// Counts from the end when negative.
    record Index(int index) implements Segment {}

    record Every() implements Segment {}

    /// Items whose `field` equals `value`, or differs from it.
    record Filter(List<String> field, boolean equal, JsonNode value) implements Segment {}
  }

  /// @throws dev.otherix.apimachinery.status.ApiException 400 that tells what the text may hold
  public static JsonPath parse(String text) {
    return new JsonPath(text, new JsonPathReader(text).read());
  }

  /// The first value that the path leads to, or null.
  public @Nullable JsonNode first(JsonNode root) {
    if (plain()) {
      JsonNode at = root;
      for (Segment segment : segments) {
        at = at instanceof ObjectNode object ? object.get(((Segment.Field) segment).name) : null;
        if (at == null) {
          return null;
        }
      }
      return at;
    }
    List<JsonNode> all = all(root);
    return all.isEmpty() ? null : all.getFirst();
  }

  /// Every value that the path leads to, in document order.
  public List<JsonNode> all(JsonNode root) {
    List<JsonNode> at = List.of(root);
    for (Segment segment : segments) {
      List<JsonNode> next = new ArrayList<>();
      for (JsonNode each : at) {
        step(segment, each, next);
      }
      at = next;
    }
    return at;
  }

  /// Whether the path is member names only.
  public boolean plain() {
    for (Segment segment : segments) {
      if (!(segment instanceof Segment.Field)) {
        return false;
      }
    }
    return true;
  }

  /// The member names of a [#plain] path.
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (Segment segment : segments) {
      if (!(segment instanceof Segment.Field field)) {
        throw new IllegalStateException(text + " is not a plain path");
      }
      names.add(field.name);
    }
    return names;
  }

  /// The schema of what the path leads to, or null when the schema has no such field.
  public @Nullable SchemaNode find(SchemaNode root) {
    SchemaNode at = root;
    for (Segment segment : segments) {
      SchemaNode next =
          switch (segment) {
            case Segment.Field field -> at.member(field.name);
            case Segment.Index _, Segment.Every _ -> items(at);
            case Segment.Filter filter -> filtered(items(at), filter);
          };
      if (next == null) {
        return null;
      }
      at = next;
    }
    return at;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JsonPath that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /// The path as it was written.
  @Override
  public String toString() {
    return text;
  }

  private static @Nullable SchemaNode items(SchemaNode at) {
    return at.type() == SchemaType.ARRAY || at.type() == SchemaType.ANY ? at.item() : null;
  }

  private static @Nullable SchemaNode filtered(@Nullable SchemaNode item, Segment.Filter filter) {
    SchemaNode at = item;
    for (String name : filter.field) {
      at = at == null ? null : at.member(name);
    }
    return at == null ? null : item;
  }

  private static void step(Segment segment, JsonNode at, List<JsonNode> out) {
    switch (segment) {
      case Segment.Field field -> {
        JsonNode value = at instanceof ObjectNode object ? object.get(field.name) : null;
        if (value != null) {
          out.add(value);
        }
      }
      case Segment.Index index -> {
        int position = index.index < 0 ? at.size() + index.index : index.index;
        if (at instanceof ArrayNode && position >= 0 && position < at.size()) {
          out.add(at.get(position));
        }
      }
      case Segment.Every _ -> at.forEach(out::add);
      case Segment.Filter filter -> {
        if (at instanceof ArrayNode) {
          at.forEach(item -> {
            if (matches(filter, item)) {
              out.add(item);
            }
          });
        }
      }
    }
  }

  private static boolean matches(Segment.Filter filter, JsonNode item) {
    JsonNode at = item;
    for (String name : filter.field) {
      at = at.path(name);
    }
    return !at.isMissingNode() && Json.equal(at, filter.value) == filter.equal;
  }
}
