package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A kind that is served: its names, its schema, and what both mean for an object. A compiled kind
/// (read by [SchemaFile]) and one version of a custom kind (read by [CustomResource]) are the same
/// here. Immutable, thread-safe; the methods that change an object say so.
public final class Kind {
  private final KindHeader header;
  private final SchemaNode schema;
  private final ValueCheck check;
  private final @Nullable Immutability immutability;

  Kind(KindHeader header, SchemaNode schema) {
    this.header = header;
    this.schema = schema;
    this.check = ValueCheck.of(schema);
    Immutability fixed = Immutability.of(schema);
    for (JsonPath path : header.immutable()) {
      fixed = Immutability.with(fixed, path.names());
    }
    this.immutability = fixed;
  }

  public KindHeader header() {
    return header;
  }

  /// The whole schema: apiVersion, kind and metadata are among its properties.
  public SchemaNode schema() {
    return schema;
  }

  public String group() {
    return header.group();
  }

  public String version() {
    return header.version();
  }

  /// `group/version`, or `version` in the core group.
  public String apiVersion() {
    return group().isEmpty() ? version() : group() + "/" + version();
  }

  public String kind() {
    return header.kind();
  }

  public String listKind() {
    return header.listKind();
  }

  public String plural() {
    return header.plural();
  }

  public String singular() {
    return header.singular();
  }

  public boolean namespaced() {
    return header.scope() == Scope.NAMESPACED;
  }

  /// Drops nulls, sets defaults, then removes what the schema does not know: the state in which an
  /// object is admitted, validated and stored. Changes `object`; tells what it removed.
  public List<FieldPath> prepare(ObjectNode object) {
    Defaulting.apply(schema, object);
    return Pruning.prune(schema, object);
  }

  /// Drops nulls where null is no value, and sets defaults. Changes `object`.
  public void setDefaults(ObjectNode object) {
    Defaulting.apply(schema, object);
  }

  /// Removes what the schema does not know. Changes `object`; tells what it removed.
  public List<FieldPath> prune(ObjectNode object) {
    return Pruning.prune(schema, object);
  }

  /// Everything wrong with a prepared object, up to a limit. Does not judge `metadata.name`: see
  /// [KindHeader#nameRule].
  public List<FieldError> validate(ObjectNode object) {
    ErrorList errors = new ErrorList();
    check.check(object, Place.ROOT, errors);
    return errors.toList();
  }

  /// [#validate] of what `changed` changes, and whether immutable fields are as before. A value
  /// that is as it was is not judged again: the schema may have become stricter since.
  public List<FieldError> validateUpdate(ObjectNode old, ObjectNode changed) {
    List<FieldError> found = validate(changed);
    boolean all = found.size() < ErrorList.ERRORS_MAX;
    List<FieldError> left =
        found.isEmpty() || !all
            ? found
            : Ratchet.unforgiven(found, validate(old), schema, old, changed);
    if (immutability == null) {
      return left;
    }
    ErrorList errors = new ErrorList();
    left.forEach(errors::add);
    immutability.check(old, changed, Place.ROOT, errors);
    return errors.toList();
  }

  /// `vms.otherix/v1`.
  @Override
  public String toString() {
    return plural() + "." + apiVersion();
  }
}
