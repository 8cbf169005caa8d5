package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The move from client-side to server-side apply. Client-side apply left its last configuration in
/// an annotation; the manager `kubectl` may take what is recorded there from the manager under
/// which client-side apply wrote, and keeps the annotation current so that older clients still
/// work.
final class LastApplied {
  static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

  /// The manager to which all of this applies; a client opts out by another name.
  static final String MANAGER = "kubectl";

  /// What all annotations of an object may hold together.
  private static final int ANNOTATIONS_BYTES_MAX = 256 * 1024;

  private LastApplied() {}

  /// What the annotation of `live` records and `live` still has with the recorded value.
  static FieldSet fields(SchemaNode schema, ObjectNode live, String apiVersion) {
    String text = annotation(live);
    if (text.isEmpty()) {
      return FieldSet.EMPTY;
    }
    ObjectNode recorded;
    try {
      recorded = Json.parseObject(text);
    } catch (ApiException _) {
      // The annotation is a client's own note: one that does not read grants nothing.
      return FieldSet.EMPTY;
    }
    if (!recorded.path("apiVersion").asString("").equals(apiVersion)) {
      return FieldSet.EMPTY;
    }
    Comparison differences = Comparison.of(schema, recorded, live);
    return Extraction.owned(schema, recorded)
        .difference(differences.modified())
        .difference(differences.added())
        .difference(differences.removed());
  }

  /// Changes `object`: its annotation, if it has one, records `applied` from now on. It goes when
  /// it would make the annotations too large.
  static void record(ObjectNode object, ObjectNode applied) {
    if (annotation(object).isEmpty()
        || !(object.path("metadata").path("annotations") instanceof ObjectNode annotations)) {
      return;
    }
    ObjectNode copy = applied.deepCopy();
    if (copy.path("metadata").path("annotations") instanceof ObjectNode own) {
      own.remove(ANNOTATION);
    }
    annotations.put(ANNOTATION, copy + "\n");
    long bytes = 0;
    for (Map.Entry<String, JsonNode> each : annotations.properties()) {
      bytes += size(each.getKey()) + size(each.getValue().asString(""));
    }
    if (bytes > ANNOTATIONS_BYTES_MAX) {
      annotations.remove(ANNOTATION);
    }
  }

  private static String annotation(ObjectNode object) {
    return object.path("metadata").path("annotations").path(ANNOTATION).asString("");
  }

  private static int size(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
