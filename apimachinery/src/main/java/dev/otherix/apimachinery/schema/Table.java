package dev.otherix.apimachinery.schema;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// A kind's objects as `meta.k8s.io/v1 Table`: the columns, and a row of cells for each object.
/// Name comes first; a kind without columns of its own also has Age. Immutable, thread-safe.
public final class Table {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /// What a row says about its object besides the cells.
  public enum IncludeObject {
    NONE,
    METADATA,
    OBJECT
  }

  private final List<Column> columns;
  private final boolean nameFirst;
  private final InstantSource clock;

  public Table(Kind kind, InstantSource clock) {
    this.columns =
        kind.header().columns().isEmpty() ? List.of(Column.AGE) : kind.header().columns();
    this.nameFirst = !kind.header().traits().contains(KindTrait.OWN_NAME_COLUMN);
    this.clock = clock;
  }

  /// A whole table.
  ///
  /// @param metadata the list's metadata; becomes part of the table
  /// @param definitions whether to name the columns: in a watch only the first table does
  public ObjectNode of(
      List<ObjectNode> objects, ObjectNode metadata, IncludeObject include, boolean definitions) {
    ObjectNode out = NODES.objectNode();
    out.put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
    out.set("metadata", metadata);
    out.set("columnDefinitions", definitions ? columnDefinitions() : NODES.arrayNode());
    ArrayNode rows = out.putArray("rows");
    Instant now = clock.instant();
    for (ObjectNode object : objects) {
      rows.add(row(object, include, now));
    }
    return out;
  }

  public ArrayNode columnDefinitions() {
    ArrayNode out = NODES.arrayNode();
    if (nameFirst) {
      define(out, "Name", "string", "name", "Unique within the namespace.", 0);
    }
    for (Column column : columns) {
      define(
          out,
          column.name(),
          column.type(),
          column.format(),
          column.description(),
          column.priority());
    }
    return out;
  }

  private static void define(
      ArrayNode out, String name, String type, String format, String description, int priority) {
    out.addObject()
        .put("name", name)
        .put("type", type)
        .put("format", format)
        .put("description", description)
        .put("priority", (long) priority);
  }

  private ObjectNode row(ObjectNode object, IncludeObject include, Instant now) {
    ObjectNode row = NODES.objectNode();
    ArrayNode cells = row.putArray("cells");
    if (nameFirst) {
      cells.add(object.path("metadata").path("name").asString(""));
    }
    for (Column column : columns) {
      cells.add(cell(column, object, now));
    }
    switch (include) {
      case NONE -> {}
      case METADATA -> {
        ObjectNode partial = row.putObject("object");
        partial.put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
        JsonNode metadata = object.get("metadata");
        partial.set("metadata", metadata == null ? NODES.objectNode() : metadata);
      }
      case OBJECT -> row.set("object", object);
    }
    return row;
  }

  private static JsonNode cell(Column column, ObjectNode object, Instant now) {
    JsonPath path = column.pathIn(object);
    return switch (column.form()) {
      case COUNT -> count(path.first(object));
      case REFERENCE -> reference(path.first(object));
      case LIST -> list(path.first(object));
      case BYTES -> bytes(path.first(object));
      case VALUE -> value(column, path, object, now);
    };
  }

  private static JsonNode count(@Nullable JsonNode value) {
    return NODES.numberNode(value == null ? 0L : (long) value.size());
  }

  private static JsonNode reference(@Nullable JsonNode value) {
    if (value == null) {
      return NullNode.instance;
    }
    String kind = value.path("kind").asString("").toLowerCase(Locale.ROOT);
    String name = value.path("name").asString("");
    return StringNode.valueOf(name.isEmpty() ? kind : kind + "/" + name);
  }

  private static JsonNode list(@Nullable JsonNode value) {
    if (value == null || !value.isArray()) {
      return NullNode.instance;
    }
    List<String> items = new ArrayList<>();
    for (JsonNode each : value) {
      items.add(printed(each).asString(""));
    }
    return StringNode.valueOf(String.join(",", items));
  }

  private static JsonNode bytes(@Nullable JsonNode value) {
    return value == null || !value.canConvertToLong()
        ? NullNode.instance
        : StringNode.valueOf(HumanBytes.print(value.asLong()));
  }

  private static JsonNode value(Column column, JsonPath path, ObjectNode object, Instant now) {
    if (column.type().equals("string")) {
      return text(path, object);
    }
    JsonNode value = path.first(object);
    if (value == null || value.isNull()) {
      return NullNode.instance;
    }
    return switch (column.type()) {
      case "integer" -> whole(value);
      case "number" -> value.isNumber() ? value : NullNode.instance;
      case "boolean" -> value.isBoolean() ? value : NullNode.instance;
      case "date" -> StringNode.valueOf(age(value, now));
      default -> throw new IllegalStateException("a column of type " + column.type());
    };
  }

  private static JsonNode text(JsonPath path, ObjectNode object) {
    if (path.plain()) {
      return printed(path.first(object));
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode each : path.all(object)) {
      texts.add(printed(each).asString(""));
    }
    return texts.isEmpty() ? NullNode.instance : StringNode.valueOf(String.join(" ", texts));
  }

  private static JsonNode printed(@Nullable JsonNode value) {
    if (value == null || value.isNull()) {
      return NullNode.instance;
    }
    return value.isString() ? value : StringNode.valueOf(value.toString());
  }

  private static JsonNode whole(JsonNode value) {
    if (!value.isNumber()) {
      return NullNode.instance;
    }
    return value.isIntegralNumber() ? value : NODES.numberNode(value.decimalValue().toBigInteger());
  }

  private static String age(JsonNode value, Instant now) {
    try {
      Instant then = OffsetDateTime.parse(value.asString("")).toInstant();
      return HumanDuration.print(Duration.between(then, now));
    } catch (DateTimeException e) {
      return "<unknown>";
    }
  }
}
