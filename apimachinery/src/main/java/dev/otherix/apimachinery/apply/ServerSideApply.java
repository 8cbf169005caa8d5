package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.apply.ManagedEntry.ManagerKey;
import dev.otherix.apimachinery.apply.ManagedEntry.Operation;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.ApiException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Server-side apply of one kind: merges what a client applies into the live object, and keeps
/// `metadata.managedFields` on that and every other write. Immutable and shared by all threads.
///
/// All trees are in the version of the writer's endpoint. Live objects are never changed. The
/// caller checks names, uid and resourceVersion, and defaults and validates the outcome.
public final class ServerSideApply {
  /// Owns what an object had before anyone's ownership was recorded.
  static final String BEFORE_FIRST_APPLY = "before-first-apply";

  private static final String MANAGED_FIELDS = "managedFields";
  private static final ObjectNode NOTHING = JsonNodeFactory.instance.objectNode();

  private final ServedVersions versions;

  public ServerSideApply(ServedVersions versions) {
    this.versions = versions;
  }

  private record Owners(ManagedFields fields, boolean forgotten) {}

  /// Records who made `object` out of `live`, on any write that is not an apply.
  ///
  /// On the object itself a client may write managedFields as well: a list that can be read
  /// replaces the live one, `[]` and `[{}]` forget all owners. An object without owners stays
  /// without, until the first apply; a new one has its creator.
  ///
  /// @param live null on create
  /// @param object the new state; the outcome shares its members, so the caller lets go of it
  public Written update(@Nullable ObjectNode live, ObjectNode object, Writer writer) {
    Owners owners = ownersForUpdate(live, object, writer.endpoint());
    ObjectNode before = live == null ? NOTHING : withoutOwners(live);
    ObjectNode after = withoutOwners(object);
    ManagedFields managed = owners.fields;
    if (live == null || !managed.isEmpty()) {
      Ownership.reconcile(versions, writer.endpoint().apiVersion(), before, managed);
      credit(before, after, managed, writer);
      managed.capUpdaters();
    }
    return outcome(live, before, after, managed, owners.forgotten);
  }

  /// Merges `applied` into `live`: the manager owns exactly what it applies, and what it applied
  /// before and nobody else owns is gone.
  ///
  /// @param live null when the apply creates the object
  /// @param applied the manager's whole intent; not changed
  /// @param force take contested paths from their owners
  /// @throws ApiException 409 with the contested paths and their owners, unless forced; 400 when
  ///   the configuration cannot be applied
  public Written apply(
      @Nullable ObjectNode live, ObjectNode applied, Writer writer, boolean force) {
    Endpoint endpoint = writer.endpoint();
    check(applied, endpoint);
    SchemaNode schema = versions.schema(endpoint.apiVersion());
    FieldSet mine = Extraction.applied(schema, applied).recursiveDifference(endpoint.resetFields());
    ObjectNode configuration = applied.deepCopy();
    Removal.remove(schema, configuration, endpoint.resetFields());

    ObjectNode before = live == null ? NOTHING : withoutOwners(live);
    Owners owners = decode(live);
    ManagedFields managed = owners.fields;
    if (live != null && managed.isEmpty()) {
      credit(NOTHING, before, managed, new Writer(BEFORE_FIRST_APPLY, endpoint, writer.now()));
    }
    Ownership.reconcile(versions, endpoint.apiVersion(), before, managed);
    ManagedEntry last = managed.get(writer.applier());
    managed.put(writer.entry(Operation.APPLY, mine));

    ObjectNode merged = Merge.merge(schema, before, configuration);
    ObjectNode after = prune(merged, last, managed, configuration, endpoint);
    Ownership ownership = new Ownership(versions, endpoint, before, after);
    if (!force) {
      refuse(ownership.conflicts(managed, writer.applier()), before, writer);
    }
    ownership.transfer(managed, writer.applier());
    if (writer.manager().equals(LastApplied.MANAGER)) {
      LastApplied.record(after, applied);
    }
    settle(managed, last, writer, live != null && Json.equal(before, after));
    return outcome(live, before, after, managed, owners.forgotten);
  }

  /// Whether two states of an object differ at most in the times of their managedFields. What comes
  /// after an apply (defaults, admission) can undo all that it changed; such a write is none.
  public static boolean differOnlyInTimes(ObjectNode left, ObjectNode right) {
    if (!Json.equal(withoutOwners(left), withoutOwners(right))) {
      return false;
    }
    try {
      return ManagedFields.decode(ownersOf(left)).sameOwners(ManagedFields.decode(ownersOf(right)));
    } catch (MalformedFieldsException _) {
      // Fields that cannot be read are compared as they stand.
      return Json.equal(ownersOf(left), ownersOf(right));
    }
  }

  private static void check(ObjectNode applied, Endpoint endpoint) {
    String apiVersion = applied.path("apiVersion").asString("");
    if (!apiVersion.equals(endpoint.apiVersion())) {
      throw ApiException.badRequest(
          "Incorrect version specified in apply patch. Specified patch version: "
              + apiVersion
              + ", expected: "
              + endpoint.apiVersion());
    }
    String kind = applied.path("kind").asString("");
    if (!kind.equals(endpoint.kind())) {
      throw ApiException.badRequest(
          "the applied configuration has kind \"" + kind + "\"; expected " + endpoint.kind());
    }
    JsonNode metadata = applied.get("metadata");
    if (metadata != null && !metadata.isObject()) {
      throw ApiException.badRequest("metadata must be an object");
    }
    JsonNode owners = ownersOf(applied);
    if (owners != null && !owners.isNull()) {
      throw ApiException.badRequest(
          "metadata.managedFields must be nil; remove it from the applied configuration");
    }
  }

  /// Gives what the change from `before` to `after` wrote to the writer, as an updater.
  private void credit(ObjectNode before, ObjectNode after, ManagedFields managed, Writer writer) {
    Ownership ownership = new Ownership(versions, writer.endpoint(), before, after);
    ownership.transfer(managed, null);
    FieldSet taken = ownership.change().written().difference(NeverTracked.PATHS);
    if (taken.isEmpty()) {
      return;
    }
    ManagedEntry entry = writer.entry(Operation.UPDATE, taken);
    ManagedEntry held = managed.get(entry.key());
    managed.put(held == null ? entry : entry.withFields(taken.union(held.fields())));
  }

  private ObjectNode prune(
      ObjectNode merged,
      @Nullable ManagedEntry last,
      ManagedFields managed,
      ObjectNode configuration,
      Endpoint endpoint) {
    if (last == null) {
      return merged;
    }
    ManagedEntry changeable =
        last.withFields(last.fields().recursiveDifference(endpoint.resetFields()));
    ObjectNode pruned =
        new Pruning(versions, endpoint.apiVersion(), managed).prune(merged, changeable);
    // A container that was emptied takes the applied form: absent, null or empty.
    return pruned == null
        ? merged
        : Merge.merge(versions.schema(endpoint.apiVersion()), pruned, configuration);
  }

  private void refuse(Conflicts conflicts, ObjectNode live, Writer writer) {
    if (conflicts.isEmpty()) {
      return;
    }
    Conflicts left = conflicts;
    if (writer.manager().equals(LastApplied.MANAGER)) {
      String version = writer.endpoint().apiVersion();
      left = conflicts.without(LastApplied.fields(versions.schema(version), live, version));
    }
    if (!left.isEmpty()) {
      throw left.toException();
    }
  }

  /// Strips the applier's entry of what is never tracked, and keeps its time when nothing changed.
  private static void settle(
      ManagedFields managed, @Nullable ManagedEntry last, Writer writer, boolean sameObject) {
    ManagerKey self = writer.applier();
    ManagedEntry entry = managed.get(self);
    if (entry == null) {
      return;
    }
    FieldSet fields = entry.fields().difference(NeverTracked.PATHS);
    if (fields.isEmpty()) {
      managed.remove(self);
      return;
    }
    Instant time = writer.now();
    if (sameObject
        && last != null
        && last.apiVersion().equals(entry.apiVersion())
        && last.fields().equals(fields)) {
      time = Objects.requireNonNullElse(last.time(), time);
    }
    managed.put(entry.withFields(fields).withTime(time));
  }

  private static Written outcome(
      @Nullable ObjectNode live,
      ObjectNode before,
      ObjectNode after,
      ManagedFields managed,
      boolean forgotten) {
    if (live != null && Json.equal(before, after) && sameOwners(live, managed)) {
      return new Written(live, false, forgotten);
    }
    if (!managed.isEmpty()) {
      JsonNode metadata = after.get("metadata");
      ObjectNode target =
          metadata instanceof ObjectNode object ? object : after.putObject("metadata");
      target.set(MANAGED_FIELDS, managed.encode());
    }
    return new Written(after, true, forgotten);
  }

  private static boolean sameOwners(ObjectNode live, ManagedFields managed) {
    try {
      return ManagedFields.decode(ownersOf(live)).sameOwners(managed);
    } catch (MalformedFieldsException _) {
      // The live entries are lost either way; writing the object mends them.
      return false;
    }
  }

  /// A subresource cannot write managedFields. A client that leaves them out, or does not
  /// understand them, must not wipe them by accident.
  private static Owners ownersForUpdate(
      @Nullable ObjectNode live, ObjectNode object, Endpoint endpoint) {
    if (!endpoint.subresource().isEmpty()) {
      return decode(live);
    }
    JsonNode sent = ownersOf(object);
    if (ManagedFields.isReset(sent)) {
      return new Owners(new ManagedFields(), false);
    }
    try {
      ManagedFields fields = ManagedFields.decode(sent);
      return fields.isEmpty() ? decode(live) : new Owners(fields, false);
    } catch (MalformedFieldsException _) {
      return new Owners(decode(live).fields, true);
    }
  }

  private static Owners decode(@Nullable ObjectNode live) {
    try {
      JsonNode list = live == null ? null : ownersOf(live);
      return ManagedFields.isReset(list)
          ? new Owners(new ManagedFields(), false)
          : new Owners(ManagedFields.decode(list), false);
    } catch (MalformedFieldsException _) {
      // Bookkeeping that cannot be read must not make the object unwritable; the caller is told.
      return new Owners(new ManagedFields(), true);
    }
  }

  private static @Nullable JsonNode ownersOf(ObjectNode object) {
    return object.get("metadata") instanceof ObjectNode metadata
        ? metadata.get(MANAGED_FIELDS)
        : null;
  }

  /// A copy that shares all members but metadata.
  private static ObjectNode withoutOwners(ObjectNode object) {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    copy.setAll(object);
    if (object.get("metadata") instanceof ObjectNode metadata) {
      ObjectNode rest = JsonNodeFactory.instance.objectNode();
      rest.setAll(metadata);
      rest.remove(MANAGED_FIELDS);
      copy.set("metadata", rest);
    }
    return copy;
  }
}
