package dev.otherix.ctl.print;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A table as the server sent it, for people. Immutable.
///
/// @param options what to show beside the server's usual columns
public record ServerTable(ObjectNode table, Options options) {
  private static final String NONE = "<none>";

  /// What to show.
  ///
  /// @param wide the columns that are usually left out
  /// @param withKind the kind before the name: several kinds are shown
  /// @param withNamespace a column for it: objects of several are shown
  /// @param labels their values as columns
  /// @param showLabels all labels in a last column
  public record Options(
      boolean wide,
      String withKind,
      boolean withNamespace,
      List<String> labels,
      boolean showLabels) {
    public Options {
      labels = List.copyOf(labels);
    }
  }

  public List<String> header() {
    List<String> header = new ArrayList<>();
    if (options.withNamespace) {
      header.add("NAMESPACE");
    }
    for (JsonNode column : table.path("columnDefinitions")) {
      if (shown(column)) {
        header.add(column.path("name").asString("").toUpperCase(Locale.ROOT));
      }
    }
    for (String label : options.labels) {
      header.add(label.substring(label.lastIndexOf('/') + 1).toUpperCase(Locale.ROOT));
    }
    if (options.showLabels) {
      header.add("LABELS");
    }
    return header;
  }

  private boolean shown(JsonNode column) {
    return options.wide || column.path("priority").asInt(0) == 0;
  }

  /// The cells of each row, in the server's order.
  public List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    JsonNode columns = table.path("columnDefinitions");
    for (JsonNode row : table.path("rows")) {
      rows.add(row(row, columns));
    }
    return rows;
  }

  private List<String> row(JsonNode row, JsonNode columns) {
    List<String> cells = new ArrayList<>();
    JsonNode metadata = row.path("object").path("metadata");
    if (options.withNamespace) {
      cells.add(metadata.path("namespace").asString(""));
    }
    for (int i = 0; i < columns.size(); i++) {
      if (shown(columns.get(i))) {
        String cell = text(row.path("cells").path(i));
        boolean isName = columns.get(i).path("format").asString("").equals("name");
        cells.add(isName && !options.withKind.isEmpty() ? options.withKind + "/" + cell : cell);
      }
    }
    JsonNode labels = metadata.path("labels");
    for (String label : options.labels) {
      cells.add(labels.path(label).asString(""));
    }
    if (options.showLabels) {
      cells.add(joined(labels));
    }
    return cells;
  }

  private static String text(JsonNode cell) {
    // No switch over types: Java would make its classes anew in every process.
    if (cell instanceof ArrayNode list) {
      StringJoiner joined = new StringJoiner(",");
      list.forEach(each -> joined.add(JsonPathTemplate.text(each)));
      return list.isEmpty() ? NONE : joined.toString();
    }
    return cell.isNull() || cell.isMissingNode() ? "" : JsonPathTemplate.text(cell);
  }

  private static String joined(JsonNode labels) {
    StringJoiner joined = new StringJoiner(",");
    for (Map.Entry<String, JsonNode> each : labels.properties()) {
      joined.add(each.getKey() + "=" + each.getValue().asString(""));
    }
    return labels.isEmpty() ? NONE : joined.toString();
  }
}
