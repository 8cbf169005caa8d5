package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Values to the paths that they consist of. Confined to one call.
///
/// [#applied] and [#owned] give what a configuration owns: leaves, entries of maps, items of lists.
/// [#everything] also gives the structs on the way, which is what appears or vanishes with a value.
final class Extraction {
  private final List<PathElement> path = new ArrayList<>();
  private final boolean strict;

  private Extraction(boolean strict) {
    this.strict = strict;
  }

  /// What an applied configuration owns.
  ///
  /// @throws ApiException 400 when a member is unknown, a list repeats an item, or an item lacks a
  ///   key field: the owner of such a thing could not be told later
  static FieldSet applied(SchemaNode schema, ObjectNode configuration) {
    return new Extraction(true).owned(schema, configuration, Shape.of(schema, configuration));
  }

  /// What an owner of the whole of `value` owns inside it; takes any value.
  static FieldSet owned(SchemaNode schema, JsonNode value) {
    return new Extraction(false).owned(schema, value, Shape.of(schema, value));
  }

  private FieldSet owned(SchemaNode schema, JsonNode value, Shape shape) {
    return switch (shape) {
      case LEAF -> FieldSet.EMPTY;
      case MAP -> ownedMembers(schema, (ObjectNode) value);
      case KEYED_LIST, SET -> ownedItems(schema, value);
    };
  }

  private FieldSet ownedMembers(SchemaNode schema, ObjectNode object) {
    FieldSet.Builder out = new FieldSet.Builder(object.size());
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      String name = member.getKey();
      JsonNode value = member.getValue();
      PathElement element = new PathElement.Field(name);
      path.add(element);
      SchemaNode declared = Shape.declared(schema, name);
      if (declared == null && strict) {
        throw refused("field not declared in schema; remove it or correct its name");
      }
      SchemaNode inner = declared == null ? SchemaNode.UNTYPED : declared;
      Shape shape = Shape.of(inner, value);
      boolean emptyMap = shape == Shape.MAP && Shape.isEmpty(value);
      boolean whole = shape == Shape.LEAF || emptyMap || !Shape.isNamed(schema, name);
      out.add(element, whole, owned(inner, value, shape));
      path.removeLast();
    }
    return out.build();
  }

  private FieldSet ownedItems(SchemaNode schema, JsonNode list) {
    ListItems items = ListItems.of(schema, list);
    SchemaNode inner = schema.item();
    FieldSet.Builder out = new FieldSet.Builder(items.size());
    for (int i = 0; i < items.size(); i++) {
      PathElement identity = items.identity(i);
      JsonNode item = items.item(i);
      if (strict) {
        check(schema, items, i);
      }
      path.add(identity);
      if (items.isFirst(i)) {
        boolean repeated = items.isRepeated(identity);
        out.add(
            identity, true, repeated ? FieldSet.EMPTY : owned(inner, item, Shape.of(inner, item)));
      }
      path.removeLast();
    }
    return out.build();
  }

  private void check(SchemaNode schema, ListItems items, int i) {
    PathElement identity = items.identity(i);
    if (identity instanceof PathElement.Index) {
      path.add(identity);
      throw refused(ListItems.whyAnonymous(schema, items.item(i)));
    }
    if (items.isRepeated(identity)) {
      throw refused("duplicate entries for key " + PathElement.text(List.of(identity)));
    }
  }

  private ApiException refused(String why) {
    return ApiException.badRequest(
        "the applied configuration cannot be merged: " + PathElement.text(path) + ": " + why);
  }

  /// Every path below `value`.
  static FieldSet everything(SchemaNode schema, JsonNode value) {
    return switch (Shape.of(schema, value)) {
      case LEAF -> FieldSet.EMPTY;
      case MAP -> {
        FieldSet.Builder out = new FieldSet.Builder(value.size());
        for (Map.Entry<String, JsonNode> member : value.properties()) {
          String name = member.getKey();
          out.add(
              new PathElement.Field(name),
              true,
              everything(Shape.member(schema, name), member.getValue()));
        }
        yield out.build();
      }
      case KEYED_LIST, SET -> {
        ListItems items = ListItems.of(schema, value);
        FieldSet.Builder out = new FieldSet.Builder(items.size());
        for (int i = 0; i < items.size(); i++) {
          if (items.isFirst(i)) {
            boolean repeated = items.isRepeated(items.identity(i));
            FieldSet below = repeated ? FieldSet.EMPTY : everything(schema.item(), items.item(i));
            out.add(items.identity(i), true, below);
          }
        }
        yield out.build();
      }
    };
  }
}
