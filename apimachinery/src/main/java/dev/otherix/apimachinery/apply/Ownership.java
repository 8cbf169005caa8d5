package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.apply.ManagedEntry.ManagerKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// How one change of an object moves paths between owners. Each owner's paths belong to a version
/// of the kind, so the change is looked at in each of these versions, once. Confined to one write.
final class Ownership {
  private final ServedVersions versions;
  private final Endpoint endpoint;
  private final ObjectNode before;
  private final ObjectNode after;
  private final Map<String, Comparison> comparisons = new HashMap<>();

  /// @param before both without managedFields, in the version of the endpoint
  Ownership(ServedVersions versions, Endpoint endpoint, ObjectNode before, ObjectNode after) {
    this.versions = versions;
    this.endpoint = endpoint;
    this.before = before;
    this.after = after;
  }

  /// Brings all entries in line with the present schemas.
  static void reconcile(
      ServedVersions versions, String version, ObjectNode live, ManagedFields owners) {
    Map<String, FieldSet> everyone = new HashMap<>();
    for (ManagedEntry entry : owners.entries()) {
      everyone.merge(entry.apiVersion(), entry.fields(), FieldSet::union);
    }
    Map<String, ObjectNode> converted = new HashMap<>();
    for (ManagedEntry entry : owners.entries()) {
      String at = entry.apiVersion();
      ObjectNode tree = converted.get(at);
      if (tree == null) {
        tree = versions.find(at) == null ? null : versions.convert(live, version, at);
        if (tree == null) {
          continue;
        }
        converted.put(at, tree);
      }
      FieldSet all = everyone.getOrDefault(at, FieldSet.EMPTY);
      FieldSet now = SchemaChange.reconcile(versions.schema(at), entry.fields(), all, tree);
      if (!now.equals(entry.fields())) {
        owners.put(entry.withFields(now));
      }
    }
  }

  /// The change as the endpoint's version sees it.
  Comparison change() {
    Comparison change = comparison(endpoint.apiVersion());
    if (change == null) {
      throw new IllegalStateException("no schema for the endpoint at " + endpoint.apiVersion());
    }
    return change;
  }

  /// What others own of the paths that the change writes or swallows.
  Conflicts conflicts(ManagedFields owners, @Nullable ManagerKey self) {
    List<ManagedEntry> contested = new ArrayList<>();
    for (ManagedEntry entry : owners.entries()) {
      Comparison change = entry.key().equals(self) ? null : comparison(entry.apiVersion());
      FieldSet fields =
          change == null ? FieldSet.EMPTY : entry.fields().intersection(change.contested());
      if (!fields.isEmpty()) {
        contested.add(entry.withFields(fields));
      }
    }
    return new Conflicts(contested);
  }

  /// Takes the paths that the change writes or removes from everyone but `self`. Entries of
  /// versions that are no longer served, and entries that end up empty, vanish.
  void transfer(ManagedFields owners, @Nullable ManagerKey self) {
    for (ManagedEntry entry : owners.entries()) {
      if (entry.key().equals(self)) {
        continue;
      }
      Comparison change = comparison(entry.apiVersion());
      if (change == null) {
        owners.remove(entry.key());
        continue;
      }
      FieldSet left = entry.fields().difference(change.written()).difference(change.removed());
      owners.put(entry.withFields(left));
    }
    owners.removeEmpty();
  }

  private @Nullable Comparison comparison(String version) {
    Comparison known = comparisons.get(version);
    if (known != null || versions.find(version) == null) {
      return known;
    }
    ObjectNode old = versions.convert(before, endpoint.apiVersion(), version);
    ObjectNode now = versions.convert(after, endpoint.apiVersion(), version);
    if (old == null || now == null) {
      return null;
    }
    Comparison made =
        Comparison.of(versions.schema(version), old, now).without(endpoint.resetFields());
    comparisons.put(version, made);
    return made;
  }
}
