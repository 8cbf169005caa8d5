package dev.otherix.apimachinery.object;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Which fields one manager owns, in one version and subresource.
///
/// @param operation `Apply` or `Update`; kept as sent, metadata validation judges it
/// @param apiVersion the version in which `fieldsV1` is expressed
/// @param fieldsType `FieldsV1`, the only one there is
/// @param fieldsV1 the trie of owned fields; never changed, copy it
/// @param subresource empty for the object itself
public record ManagedFieldsEntry(
    String manager,
    String operation,
    String apiVersion,
    @Nullable Time time,
    String fieldsType,
    @Nullable ObjectNode fieldsV1,
    String subresource) {
  public static final String APPLY = "Apply";
  public static final String UPDATE = "Update";
  public static final String FIELDS_V1 = "FieldsV1";

  static final Set<String> MEMBERS =
      Set.of("manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource");

  static ManagedFieldsEntry read(MemberReader in) {
    return new ManagedFieldsEntry(
        in.text("manager"),
        in.text("operation"),
        in.text("apiVersion"),
        in.time("time"),
        in.text("fieldsType"),
        in.object("fieldsV1"),
        in.text("subresource"));
  }

  /// The wire form; empty members are left out. Shares no node with this entry.
  public ObjectNode toJson() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    ObjectMetaWriter.put(out, "manager", manager);
    ObjectMetaWriter.put(out, "operation", operation);
    ObjectMetaWriter.put(out, "apiVersion", apiVersion);
    ObjectMetaWriter.put(out, "time", time);
    ObjectMetaWriter.put(out, "fieldsType", fieldsType);
    if (fieldsV1 != null) {
      out.set("fieldsV1", fieldsV1.deepCopy());
    }
    ObjectMetaWriter.put(out, "subresource", subresource);
    return out;
  }
}
