package dev.otherix.apimachinery.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One column of a kind's table, beside Name.
///
/// @param type `integer`, `number`, `string`, `boolean` or `date`; a date prints as an age
/// @param format an OpenAPI format that refines the type, or empty
/// @param priority 0 prints always, more only in wide output
/// @param orElse where to look, in order, when there is nothing at `path`
/// @param form what of the value is printed
public record Column(
    String name,
    String type,
    String format,
    String description,
    int priority,
    JsonPath path,
    List<JsonPath> orElse,
    Form form) {

  /// What a cell says about a value.
  public enum Form {
    /// The value itself.
    VALUE("value"),
    /// How many items or members it has, 0 where there is none.
    COUNT("count"),
    /// The `kind/name` that it refers to, in lower case.
    REFERENCE("reference"),
    /// The items of a list, with commas between them.
    LIST("list"),
    /// A number of bytes, rounded for people: `136Gi`.
    BYTES("bytes");

    private final String wireName;

    Form(String wireName) {
      this.wireName = wireName;
    }

    /// How a schema file calls it.
    public String wireName() {
      return wireName;
    }
  }

  public Column {
    orElse = List.copyOf(orElse);
  }

  /// A column that prints the value of one path.
  public Column(
      String name, String type, String format, String description, int priority, JsonPath path) {
    this(name, type, format, description, priority, path, List.of(), Form.VALUE);
  }

  /// The path that leads to a value in this object; the main one where none does.
  JsonPath pathIn(ObjectNode object) {
    if (orElse.isEmpty() || present(path.first(object))) {
      return path;
    }
    for (JsonPath other : orElse) {
      if (present(other.first(object))) {
        return other;
      }
    }
    return path;
  }

  private static boolean present(@Nullable JsonNode value) {
    return value != null && !value.isNull() && !(value.isString() && value.stringValue().isEmpty());
  }

  /// What every kind shows when it names no column of its own.
  public static final Column AGE =
      new Column(
          "Age",
          "date",
          "",
          "When the object was created, as the time that has passed since.",
          0,
          JsonPath.parse(".metadata.creationTimestamp"));
}
