package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.SchemaNode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The versions of one kind: what each looks like, and how an object gets from one to another.
/// Immutable and shared by all threads; when a kind's schema or versions change, make a new one.
public final class ServedVersions {

  /// Turns an object of one version of a kind into another version.
  @FunctionalInterface
  public interface Conversion {
    /// A converted copy, or null when there is no way to `toVersion`. Must not change `object`.
    @Nullable ObjectNode convert(ObjectNode object, String fromVersion, String toVersion);
  }

  private final Map<String, SchemaNode> schemas;
  private final Conversion conversion;

  /// @param schemas apiVersion (`group/version`) to the schema of the kind in that version
  public ServedVersions(Map<String, SchemaNode> schemas, Conversion conversion) {
    Map<String, SchemaNode> whole = new HashMap<>();
    schemas.forEach((version, schema) -> whole.put(version, ObjectSchema.of(schema)));
    this.schemas = Map.copyOf(whole);
    this.conversion = conversion;
  }

  /// A kind that has one version and so never converts.
  public static ServedVersions only(String apiVersion, SchemaNode schema) {
    return new ServedVersions(Map.of(apiVersion, schema), (_, _, _) -> null);
  }

  /// The schema of the whole object in a version, or null when that is not served.
  @Nullable SchemaNode find(String apiVersion) {
    return schemas.get(apiVersion);
  }

  /// The schema of the whole object in a version that is known to be served.
  SchemaNode schema(String apiVersion) {
    SchemaNode schema = schemas.get(apiVersion);
    if (schema == null) {
      throw new IllegalStateException(
          "no schema for " + apiVersion + "; served are " + schemas.keySet());
    }
    return schema;
  }

  /// `object` itself when the versions are the same, or there is nothing in it to convert; null
  /// when `to` is not served any more.
  @Nullable ObjectNode convert(ObjectNode object, String from, String to) {
    if (!schemas.containsKey(to)) {
      return null;
    }
    return from.equals(to) || object.isEmpty() ? object : conversion.convert(object, from, to);
  }
}
