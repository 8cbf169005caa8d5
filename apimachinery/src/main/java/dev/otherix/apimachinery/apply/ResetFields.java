package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.SchemaNode;
import java.util.HashSet;
import java.util.Set;

/// The field sets that an endpoint puts back to their live value whatever a client sends.
public final class ResetFields {
  /// For a kind without a status endpoint.
  public static final FieldSet NONE = FieldSet.EMPTY;

  /// For the main endpoint of a kind that has a status endpoint.
  public static final FieldSet STATUS = FieldSet.ofFields("status");

  private ResetFields() {}

  /// For the endpoint of the one member `name`, such as `status`: all other members of the kind.
  public static FieldSet allBut(SchemaNode kind, String name) {
    Set<String> others = new HashSet<>(kind.properties().keySet());
    others.add("metadata");
    others.add("spec");
    others.remove(name);
    others.remove("apiVersion");
    others.remove("kind");
    FieldSet set = FieldSet.EMPTY;
    for (String other : others) {
      set = set.union(FieldSet.ofFields(other));
    }
    return set;
  }
}
