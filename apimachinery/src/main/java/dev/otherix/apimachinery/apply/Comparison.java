package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What differs between two states of an object.
///
/// @param added paths that only the new state has, structs on the way included
/// @param modified leaves that both states have, with different values
/// @param removed paths that only the old state has
record Comparison(FieldSet added, FieldSet modified, FieldSet removed) {

  static Comparison of(SchemaNode schema, ObjectNode before, ObjectNode after) {
    Level level = new Level();
    if (!isSame(before, after)) {
      members(schema, before, after, level);
    }
    return new Comparison(build(level.added), build(level.modified), build(level.removed));
  }

  /// Without the paths at or below those of `ignored`.
  Comparison without(FieldSet ignored) {
    return ignored.isEmpty()
        ? this
        : new Comparison(
            added.recursiveDifference(ignored),
            modified.recursiveDifference(ignored),
            removed.recursiveDifference(ignored));
  }

  /// The paths that got a value or another value.
  FieldSet written() {
    return added.union(modified);
  }

  /// The paths whose change their owners must agree to: the written ones, and what vanished because
  /// a value of another shape took the place of what it was in.
  FieldSet contested() {
    FieldSet swallowed = removed.difference(removed.recursiveDifference(modified));
    return written().union(swallowed);
  }

  private static void members(SchemaNode schema, JsonNode before, JsonNode after, Level level) {
    for (Map.Entry<String, JsonNode> member : before.properties()) {
      String name = member.getKey();
      pair(
          Shape.member(schema, name),
          member.getValue(),
          after.get(name),
          new PathElement.Field(name),
          level);
    }
    for (Map.Entry<String, JsonNode> member : after.properties()) {
      String name = member.getKey();
      if (!before.has(name)) {
        pair(
            Shape.member(schema, name),
            null,
            member.getValue(),
            new PathElement.Field(name),
            level);
      }
    }
  }

  private static void items(SchemaNode schema, JsonNode before, JsonNode after, Level level) {
    ListItems old = ListItems.of(schema, before);
    ListItems now = ListItems.of(schema, after);
    for (int i = 0; i < old.size(); i++) {
      if (old.isFirst(i)) {
        item(schema, old, now, old.identity(i), level);
      }
    }
    for (int i = 0; i < now.size(); i++) {
      if (now.isFirst(i) && !old.contains(now.identity(i))) {
        item(schema, old, now, now.identity(i), level);
      }
    }
  }

  /// Items that share an identity are compared as one piece: there is no telling which is which.
  private static void item(
      SchemaNode schema, ListItems old, ListItems now, PathElement identity, Level level) {
    boolean wasRepeated = old.isRepeated(identity);
    boolean isRepeated = now.isRepeated(identity);
    if (!wasRepeated && !isRepeated) {
      pair(schema.item(), old.find(identity), now.find(identity), identity, level);
    } else if (wasRepeated && isRepeated) {
      if (!equal(old.findAll(identity), now.findAll(identity))) {
        level.modified(identity, true, FieldSet.EMPTY);
      }
    } else if (wasRepeated) {
      pair(schema.item(), null, now.find(identity), identity, level);
      level.removed(identity, true, FieldSet.EMPTY);
    } else {
      pair(schema.item(), old.find(identity), null, identity, level);
      level.added(identity, true, FieldSet.EMPTY);
    }
  }

  /// Trees of one write often share what did not change.
  @SuppressWarnings("ReferenceEquality") // a shortcut past the comparison by value, not instead of
  private static boolean isSame(@Nullable Object before, @Nullable Object after) {
    return before == after;
  }

  private static boolean equal(List<JsonNode> left, List<JsonNode> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (!Json.equal(left.get(i), right.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static void pair(
      SchemaNode schema,
      @Nullable JsonNode before,
      @Nullable JsonNode after,
      PathElement element,
      Level level) {
    if (isSame(before, after)) {
      return;
    }
    if (before == null && after != null) {
      level.added(element, true, Extraction.everything(schema, after));
    } else if (after == null && before != null) {
      level.removed(element, true, Extraction.everything(schema, before));
    } else if (before != null && after != null) {
      both(schema, before, after, element, level);
    }
  }

  private static void both(
      SchemaNode schema, JsonNode before, JsonNode after, PathElement element, Level level) {
    Shape shape = Shape.common(schema, before, after);
    if (shape == null) {
      level.modified(element, true, FieldSet.EMPTY);
      level.removed(element, false, Extraction.everything(schema, before));
      level.added(element, false, Extraction.everything(schema, after));
      return;
    }
    if (shape == Shape.LEAF || (Shape.isEmpty(before) && Shape.isEmpty(after))) {
      if (!Json.equal(before, after)) {
        level.modified(element, true, FieldSet.EMPTY);
      }
      return;
    }
    Level inner = new Level();
    if (shape == Shape.MAP) {
      members(schema, before, after, inner);
    } else {
      items(schema, before, after, inner);
    }
    level.added(element, false, build(inner.added));
    level.modified(element, false, build(inner.modified));
    level.removed(element, false, build(inner.removed));
  }

  private static FieldSet build(FieldSet.@Nullable Builder builder) {
    return builder == null ? FieldSet.EMPTY : builder.build();
  }

  /// The three sets of one level while it is compared; most levels differ in nothing.
  private static final class Level {
    private FieldSet.@Nullable Builder added;
    private FieldSet.@Nullable Builder modified;
    private FieldSet.@Nullable Builder removed;

    void added(PathElement element, boolean member, FieldSet below) {
      added = add(added, element, member, below);
    }

    void modified(PathElement element, boolean member, FieldSet below) {
      modified = add(modified, element, member, below);
    }

    void removed(PathElement element, boolean member, FieldSet below) {
      removed = add(removed, element, member, below);
    }

    private static FieldSet.@Nullable Builder add(
        FieldSet.@Nullable Builder set, PathElement element, boolean member, FieldSet below) {
      if (!member && below.isEmpty()) {
        return set;
      }
      return (set == null ? new FieldSet.Builder() : set).add(element, member, below);
    }
  }
}
