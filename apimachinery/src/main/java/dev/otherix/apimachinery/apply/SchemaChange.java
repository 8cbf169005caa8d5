package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.ListType;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.SchemaType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Brings a set that was written under an older schema in line with the present one: what has
/// become atomic is owned as one piece; who owned an atomic value that has become granular owns
/// each piece of it.
final class SchemaChange {
  private SchemaChange() {}

  /// @param everyone what all managers own; a value that anyone owns a piece of was granular
  ///   before, and who owns it as such owns only the container
  static FieldSet reconcile(
      SchemaNode schema, FieldSet set, FieldSet everyone, @Nullable JsonNode live) {
    FieldSet.Builder out = new FieldSet.Builder(set.width());
    boolean changed = false;
    ListItems items = live == null ? null : items(schema, live);
    for (int i = 0; i < set.width(); i++) {
      PathElement element = set.elementAt(i);
      FieldSet below = set.belowAt(i);
      SchemaNode inner = inner(schema, element);
      JsonNode value = live == null ? null : value(live, items, element);
      boolean member = set.memberAt(i);
      FieldSet now = below;
      if (!below.isEmpty() && isAtomic(inner)) {
        member = true;
        now = FieldSet.EMPTY;
      } else if (!below.isEmpty()) {
        now = reconcile(inner, below, everyone.below(element), value);
      } else if (value != null && isGranular(inner) && everyone.below(element).isEmpty()) {
        now = Extraction.owned(inner, value);
      }
      changed |= !now.equals(below);
      out.add(element, member, now);
    }
    return changed ? out.build() : set;
  }

  private static @Nullable ListItems items(SchemaNode schema, JsonNode live) {
    Shape shape = Shape.of(schema, live);
    return shape == Shape.KEYED_LIST || shape == Shape.SET ? ListItems.of(schema, live) : null;
  }

  private static SchemaNode inner(SchemaNode schema, PathElement element) {
    return element instanceof PathElement.Field(String name)
        ? Shape.member(schema, name)
        : schema.item();
  }

  private static @Nullable JsonNode value(
      JsonNode live, @Nullable ListItems items, PathElement element) {
    if (element instanceof PathElement.Field(String name)) {
      return live instanceof ObjectNode object ? object.get(name) : null;
    }
    return items == null || items.isRepeated(element) ? null : items.find(element);
  }

  /// An untyped value is neither: what it is is deduced from the value anew each time.
  private static boolean isAtomic(SchemaNode schema) {
    return (schema.type() == SchemaType.OBJECT && schema.atomicMap())
        || (schema.type() == SchemaType.ARRAY && schema.listType() == ListType.ATOMIC);
  }

  private static boolean isGranular(SchemaNode schema) {
    return (schema.type() == SchemaType.OBJECT && !schema.atomicMap())
        || (schema.type() == SchemaType.ARRAY && schema.listType() != ListType.ATOMIC);
  }
}
