package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The JSON form of a [FieldSet], as `managedFields[].fieldsV1` carries it: one member per path
/// element, `.` where the element is a member that also has members below it.
public final class FieldsV1 {
  /// Levels that are read before the fields count as malformed; objects are not nested deeper.
  static final int DEPTH_MAX = 250;

  /// Path elements that one set may hold; far more than an object of the largest size has.
  static final int ELEMENTS_MAX = 200_000;

  private static final String SELF = ".";

  private FieldsV1() {}

  /// Reads a set. Elements of a kind that this build does not know are left out: a newer server may
  /// have written them.
  public static FieldSet read(JsonNode fields) throws MalformedFieldsException {
    if (!(fields instanceof ObjectNode object)) {
      throw new MalformedFieldsException("fieldsV1 must be an object, not " + kind(fields));
    }
    return new Reader().level(object, 0);
  }

  /// The canonical form: elements sorted, `.` first.
  public static ObjectNode write(FieldSet set) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < set.width(); i++) {
      ObjectNode below = write(set.belowAt(i));
      name.setLength(0);
      set.elementAt(i).encode(name);
      if (set.memberAt(i) && !below.isEmpty()) {
        ObjectNode self = JsonNodeFactory.instance.objectNode();
        self.putObject(SELF);
        self.setAll(below);
        below = self;
      }
      out.set(name.toString(), below);
    }
    return out;
  }

  private static String kind(JsonNode node) {
    return "a value of type " + node.getNodeType();
  }

  /// One reading; counts what it has read.
  private static final class Reader {
    private int elements;

    FieldSet level(ObjectNode object, int depth) throws MalformedFieldsException {
      if (depth > DEPTH_MAX) {
        throw new MalformedFieldsException("fieldsV1 is nested deeper than " + DEPTH_MAX);
      }
      FieldSet.Builder out = new FieldSet.Builder(object.size());
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        String name = entry.getKey();
        if (name.equals(SELF) || unknownKind(name)) {
          continue;
        }
        if (++elements > ELEMENTS_MAX) {
          throw new MalformedFieldsException("fieldsV1 has more than " + ELEMENTS_MAX + " entries");
        }
        if (!(entry.getValue() instanceof ObjectNode below)) {
          throw new MalformedFieldsException(
              "fieldsV1 member \"" + name + "\" must be an object, not " + kind(entry.getValue()));
        }
        FieldSet children = level(below, depth + 1);
        out.add(element(name), children.isEmpty() || below.has(SELF), children);
      }
      return out.build();
    }

    private static boolean unknownKind(String name) throws MalformedFieldsException {
      if (name.length() < 2 || name.charAt(1) != ':') {
        throw new MalformedFieldsException(
            "fieldsV1 member \"" + name + "\" must begin with f:, k:, v: or i:");
      }
      return "fkvi".indexOf(name.charAt(0)) < 0;
    }

    private static PathElement element(String name) throws MalformedFieldsException {
      String rest = name.substring(2);
      return switch (name.charAt(0)) {
        case 'f' -> new PathElement.Field(rest);
        case 'k' -> key(name, rest);
        case 'v' -> new PathElement.Value(value(name, rest));
        default -> index(name, rest);
      };
    }

    private static PathElement key(String name, String rest) throws MalformedFieldsException {
      if (!(value(name, rest) instanceof ObjectNode key) || key.isEmpty()) {
        throw new MalformedFieldsException(
            "fieldsV1 member \"" + name + "\" must name key fields: k:{\"name\":\"value\"}");
      }
      List<PathElement.KeyField> fields = new ArrayList<>(key.size());
      for (Map.Entry<String, JsonNode> field : key.properties()) {
        fields.add(new PathElement.KeyField(field.getKey(), field.getValue()));
      }
      return new PathElement.Key(fields);
    }

    private static JsonNode value(String name, String rest) throws MalformedFieldsException {
      try {
        return Json.parse(rest);
      } catch (ApiException e) {
        throw new MalformedFieldsException(
            "fieldsV1 member \"" + name + "\" holds no JSON value: " + e.getMessage(), e);
      }
    }

    private static PathElement index(String name, String rest) throws MalformedFieldsException {
      try {
        return new PathElement.Index(Integer.parseInt(rest));
      } catch (NumberFormatException e) {
        throw new MalformedFieldsException(
            "fieldsV1 member \"" + name + "\" must end in a list position", e);
      }
    }
  }
}
