package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.SchemaNode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Takes paths out of a tree. A container that loses its last value stays, empty: it went in on its
/// own path, and only that path takes it away.
final class Removal {
  private Removal() {}

  /// Changes `tree`: every value whose path is a member of `paths` goes, with all that is in it.
  static void remove(SchemaNode schema, JsonNode tree, FieldSet paths) {
    switch (Shape.of(schema, tree)) {
      case LEAF -> {}
      case MAP -> removeMembers(schema, (ObjectNode) tree, paths);
      case KEYED_LIST, SET -> removeItems(schema, (ArrayNode) tree, paths);
    }
  }

  private static void removeMembers(SchemaNode schema, ObjectNode object, FieldSet paths) {
    for (int i = 0; i < paths.width(); i++) {
      if (!(paths.elementAt(i) instanceof PathElement.Field(String name))) {
        continue;
      }
      if (paths.memberAt(i)) {
        object.remove(name);
      } else {
        JsonNode member = object.get(name);
        if (member != null) {
          remove(Shape.member(schema, name), member, paths.belowAt(i));
        }
      }
    }
  }

  private static void removeItems(SchemaNode schema, ArrayNode list, FieldSet paths) {
    ListItems items = ListItems.of(schema, list);
    for (int i = items.size() - 1; i >= 0; i--) {
      PathElement identity = items.identity(i);
      if (paths.hasMember(identity)) {
        list.remove(i);
        continue;
      }
      FieldSet below = paths.below(identity);
      if (!below.isEmpty()) {
        remove(schema.item(), items.item(i), below);
      }
    }
  }
}
