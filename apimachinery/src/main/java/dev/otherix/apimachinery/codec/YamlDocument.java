package dev.otherix.apimachinery.codec;

import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// One document of a YAML stream, and where in the text each of its values stands.
///
/// @param index counts from 0 over the stream, empty documents left out
/// @param duplicates members that the document named twice; the last one stands in the tree
/// @param positions keyed by [FieldPath#pointer]
public record YamlDocument(
    int index, JsonNode tree, List<FieldPath> duplicates, Map<String, Position> positions) {
  public YamlDocument {
    duplicates = List.copyOf(duplicates);
    positions = Map.copyOf(positions);
  }

  /// The position of the value at `path`, or of the nearest value around it when the document has
  /// none there, such as a required field that is missing.
  public Position position(FieldPath path) {
    String pointer = path.pointer();
    Position position = positions.get(pointer);
    while (position == null && !pointer.isEmpty()) {
      pointer = pointer.substring(0, pointer.lastIndexOf('/'));
      position = positions.get(pointer);
    }
    return position == null ? new Position(1, 1) : position;
  }
}
