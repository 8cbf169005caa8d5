package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.schema.SchemaNode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Removes what a manager applied the last time, applies no more, and nobody else owns.
///
/// An item or map entry goes as a whole when nobody else owns the item itself, whatever updaters
/// own inside it: who put an item there can take it away again. A struct goes when nobody owns
/// anything inside it.
final class Pruning {
  private final ServedVersions versions;
  private final String version;
  private final ManagedFields owners;

  /// @param version of the trees that are pruned
  /// @param owners with the new entry of the applier in place of its last one
  Pruning(ServedVersions versions, String version, ManagedFields owners) {
    this.versions = versions;
    this.version = version;
    this.owners = owners;
  }

  /// May change `merged`; the result is `merged` or comes out of conversions. Null when there is
  /// nothing to remove.
  ///
  /// @param last what the manager applied before
  @Nullable ObjectNode prune(ObjectNode merged, ManagedEntry last) {
    String lastVersion = last.apiVersion();
    ObjectNode old = versions.convert(merged, version, lastVersion);
    if (old == null) {
      return null;
    }
    Map<String, FieldSet> owned = ownedByVersion();
    SchemaNode schema = versions.schema(lastVersion);
    FieldSet mine = owned.getOrDefault(lastVersion, FieldSet.EMPTY);
    owned.remove(lastVersion);
    FieldSet unowned =
        named(schema, last.fields()).difference(NeverTracked.PATHS).difference(named(schema, mine));
    if (!unowned.isEmpty() && !owned.isEmpty()) {
      unowned = spareOtherVersions(old, lastVersion, unowned, owned);
    }
    if (unowned.isEmpty()) {
      return null;
    }
    Removal.remove(schema, old, unowned);
    return versions.convert(old, lastVersion, version);
  }

  private Map<String, FieldSet> ownedByVersion() {
    Map<String, FieldSet> owned = new HashMap<>();
    for (ManagedEntry entry : owners.entries()) {
      owned.merge(entry.apiVersion(), entry.fields(), FieldSet::union);
    }
    return owned;
  }

  /// Which of `unowned` managers of other versions do not own either. They own paths of their own
  /// version, so the removal is made there, without what they own, and its effect is read in the
  /// last version again.
  private FieldSet spareOtherVersions(
      ObjectNode merged, String lastVersion, FieldSet unowned, Map<String, FieldSet> owned) {
    SchemaNode schema = versions.schema(lastVersion);
    ObjectNode pruned = merged.deepCopy();
    Removal.remove(schema, pruned, unowned);
    for (Map.Entry<String, FieldSet> other : owned.entrySet()) {
      String otherVersion = other.getKey();
      ObjectNode otherMerged = versions.convert(merged, lastVersion, otherVersion);
      ObjectNode otherPruned = versions.convert(pruned, lastVersion, otherVersion);
      SchemaNode otherSchema = versions.find(otherVersion);
      if (otherMerged == null || otherPruned == null || otherSchema == null) {
        continue;
      }
      FieldSet gone =
          all(otherSchema, otherMerged)
              .difference(all(otherSchema, otherPruned))
              .difference(named(otherSchema, other.getValue()));
      Removal.remove(otherSchema, otherMerged, gone);
      ObjectNode spared = versions.convert(otherMerged, otherVersion, lastVersion);
      pruned = spared == null ? pruned : spared;
    }
    return all(schema, merged).difference(all(schema, pruned)).intersection(unowned);
  }

  private static FieldSet all(SchemaNode schema, ObjectNode object) {
    return named(schema, Extraction.owned(schema, object));
  }

  /// `set` and the structs on the way to its members: fields that the schema names are owned by
  /// whoever owns something inside them.
  static FieldSet named(SchemaNode schema, FieldSet set) {
    if (set.isEmpty()) {
      return set;
    }
    FieldSet.Builder out = new FieldSet.Builder(set.width());
    for (int i = 0; i < set.width(); i++) {
      PathElement element = set.elementAt(i);
      FieldSet below = set.belowAt(i);
      boolean named = false;
      SchemaNode inner = schema.item();
      if (element instanceof PathElement.Field(String name)) {
        named = !below.isEmpty() && Shape.isNamed(schema, name);
        inner = Shape.member(schema, name);
      }
      out.add(element, set.memberAt(i) || named, named(inner, below));
    }
    return out.build();
  }
}
