package dev.otherix.apiserver.builtin;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// What ConfigMap and Secret have in common: keys that can be file names, a bound on all values
/// together, and data that can be frozen.
final class DataEntries {
  static final int BYTES_MAX = 1024 * 1024;
  static final int KEY_LENGTH_MAX = 253;

  private DataEntries() {}

  static void checkKeys(ObjectNode object, String field, List<FieldError> errors) {
    for (Map.Entry<String, JsonNode> entry : object.path(field).properties()) {
      String problem = keyProblem(entry.getKey());
      if (problem != null) {
        errors.add(
            FieldError.invalid(
                FieldPath.ROOT.child(field).key(entry.getKey()),
                StringNode.valueOf(entry.getKey()),
                problem));
      }
    }
  }

  private static @Nullable String keyProblem(String key) {
    if (key.isEmpty() || key.length() > KEY_LENGTH_MAX) {
      return "a key has 1 to " + KEY_LENGTH_MAX + " characters";
    }
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && c != '-' && c != '_' && c != '.') {
        return "a key consists of letters, digits, '-', '_' and '.', such as key.name";
      }
    }
    if (key.equals(".") || key.startsWith("..")) {
      return "a key is neither '.' nor begins with '..'";
    }
    return null;
  }

  /// The bytes of all texts of a map.
  static long textBytes(JsonNode entries) {
    long sum = 0;
    for (JsonNode value : entries) {
      sum += value.asString("").getBytes(StandardCharsets.UTF_8).length;
    }
    return sum;
  }

  /// The bytes that all base64 texts of a map stand for.
  static long decodedBytes(JsonNode entries) {
    long sum = 0;
    for (JsonNode value : entries) {
      String text = value.asString("");
      int padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
      sum += (text.length() - padding) * 3L / 4;
    }
    return sum;
  }

  static void checkSize(long bytes, List<FieldError> errors) {
    if (bytes > BYTES_MAX) {
      errors.add(FieldError.tooLong(FieldPath.ROOT.child("data"), BYTES_MAX));
    }
  }

  /// An object that was made immutable stays so, with the data it has.
  static void checkFrozen(
      @Nullable ObjectNode old, ObjectNode changed, List<String> fields, List<FieldError> errors) {
    if (old == null || !old.path("immutable").asBoolean(false)) {
      return;
    }
    String because = "the object is immutable; delete it and create a new one";
    if (!changed.path("immutable").asBoolean(false)) {
      errors.add(FieldError.forbidden(FieldPath.ROOT.child("immutable"), because));
    }
    for (String field : fields) {
      JsonNode before = old.path(field);
      JsonNode after = changed.path(field);
      boolean bothEmpty = before.isEmpty() && after.isEmpty();
      if (!bothEmpty && !Json.equal(before, after)) {
        errors.add(FieldError.forbidden(FieldPath.ROOT.child(field), because));
      }
    }
  }
}
