package dev.otherix.apimachinery.patch;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A JSON patch (RFC 6902): operations that apply in order, all or none. Immutable; one patch may
/// be applied again to a newer document.
public final class JsonPatch {
  public static final int OPERATIONS_MAX = 10_000;

  /// What the `copy` operations of one patch may add to a document, in bytes of JSON.
  public static final int COPY_BYTES_MAX = 3 * 1024 * 1024;

  private final List<Operation> operations;

  private JsonPatch(List<Operation> operations) {
    this.operations = operations;
  }

  /// Reads a patch document; members that RFC 6902 does not name are ignored, as it demands.
  ///
  /// @throws ApiException 400 that names the operation, 413 when there are too many
  public static JsonPatch parse(JsonNode document) {
    if (!(document instanceof ArrayNode list)) {
      throw ApiException.badRequest("a JSON patch must be a list of operations");
    }
    if (list.size() > OPERATIONS_MAX) {
      throw ApiException.of(
          StatusReason.REQUEST_ENTITY_TOO_LARGE,
          "the JSON patch has "
              + list.size()
              + " operations; the limit is "
              + OPERATIONS_MAX
              + ", send several patches");
    }
    List<Operation> operations = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      operations.add(operation(list.get(i), "JSON patch operation " + i));
    }
    return new JsonPatch(operations);
  }

  /// The changed document; `document` stays as it is.
  ///
  /// @throws ApiException 422 that names the operation which cannot be done, 413 when copies make
  ///   the document too large
  public JsonNode apply(JsonNode document) {
    return new JsonPatchRun(document.deepCopy()).apply(operations);
  }

  public int size() {
    return operations.size();
  }

  private static Operation operation(JsonNode node, String where) {
    if (!(node instanceof ObjectNode object)) {
      throw ApiException.badRequest(where + " must be an object");
    }
    String name = text(object, "op", where);
    String at = where + " (" + name + ")";
    return switch (name) {
      case "add" -> new Operation.Add(pointer(object, "path", at), value(object, at));
      case "remove" -> new Operation.Remove(pointer(object, "path", at));
      case "replace" -> new Operation.Replace(pointer(object, "path", at), value(object, at));
      case "move" -> new Operation.Move(pointer(object, "from", at), pointer(object, "path", at));
      case "copy" -> new Operation.Copy(pointer(object, "from", at), pointer(object, "path", at));
      case "test" -> new Operation.Test(pointer(object, "path", at), value(object, at));
      default ->
          throw ApiException.badRequest(
              where
                  + ": unknown op \""
                  + name
                  + "\"; use add, remove, replace, move, copy or test");
    };
  }

  private static Pointer pointer(ObjectNode operation, String member, String where) {
    return Pointer.parse(text(operation, member, where), where);
  }

  private static String text(ObjectNode operation, String member, String where) {
    JsonNode value = operation.get(member);
    if (value == null || !value.isString()) {
      throw ApiException.badRequest(where + " needs a string member \"" + member + "\"");
    }
    return value.stringValue();
  }

  private static JsonNode value(ObjectNode operation, String where) {
    JsonNode value = operation.get("value");
    if (value == null) {
      throw ApiException.badRequest(where + " needs a member \"value\"");
    }
    return value.deepCopy();
  }
}
