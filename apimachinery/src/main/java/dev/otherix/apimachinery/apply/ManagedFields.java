package dev.otherix.apimachinery.apply;

import dev.otherix.apimachinery.apply.ManagedEntry.ManagerKey;
import dev.otherix.apimachinery.apply.ManagedEntry.Operation;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The entries of `metadata.managedFields`, by key. Mutable and confined to one write.
final class ManagedFields {
  /// Update entries that an object carries before the oldest are merged.
  static final int UPDATERS_MAX = 10;

  /// Entries that are read from a client before they count as malformed.
  static final int ENTRIES_MAX = 1_000;

  /// The manager that holds what merged Update entries owned.
  static final String ANCIENT_CHANGES = "ancient-changes";

  private static final String FIELDS_TYPE = "FieldsV1";

  private static final Comparator<ManagedEntry> CANONICAL =
      Comparator.comparing((ManagedEntry entry) -> entry.operation().wireName())
          .thenComparingLong(ManagedEntry::seconds)
          .thenComparing(ManagedEntry::manager)
          .thenComparing(ManagedEntry::apiVersion)
          .thenComparing(ManagedEntry::subresource);

  private static final Comparator<ManagedEntry> OLDEST =
      Comparator.comparingLong(ManagedEntry::seconds)
          .thenComparing(ManagedEntry::apiVersion)
          .thenComparing(ManagedEntry::manager)
          .thenComparing(ManagedEntry::subresource);

  private final Map<ManagerKey, ManagedEntry> entries = new LinkedHashMap<>();

  /// Reads the entries; null and an absent list are no entries.
  static ManagedFields decode(@Nullable JsonNode list) throws MalformedFieldsException {
    ManagedFields out = new ManagedFields();
    if (list == null || list.isNull()) {
      return out;
    }
    if (!(list instanceof ArrayNode array)) {
      throw new MalformedFieldsException("managedFields must be a list");
    }
    if (array.size() > ENTRIES_MAX) {
      throw new MalformedFieldsException("managedFields has more than " + ENTRIES_MAX + " entries");
    }
    for (JsonNode each : array) {
      ManagedEntry entry = entry(each);
      ManagedEntry same = out.entries.get(entry.key());
      out.put(same == null ? entry : entry.withFields(entry.fields().union(same.fields())));
    }
    return out;
  }

  /// Whether a client asks to forget all entries, by `[]` or `[{}]`.
  static boolean isReset(@Nullable JsonNode list) {
    return list instanceof ArrayNode array
        && (array.isEmpty()
            || (array.size() == 1 && array.get(0).isObject() && array.get(0).isEmpty()));
  }

  ManagedFields copy() {
    ManagedFields out = new ManagedFields();
    out.entries.putAll(entries);
    return out;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  @Nullable ManagedEntry get(ManagerKey key) {
    return entries.get(key);
  }

  void put(ManagedEntry entry) {
    entries.put(entry.key(), entry);
  }

  void remove(ManagerKey key) {
    entries.remove(key);
  }

  /// A snapshot, so that entries may be put and removed on the way through it.
  List<ManagedEntry> entries() {
    return List.copyOf(entries.values());
  }

  void removeEmpty() {
    entries.values().removeIf(entry -> entry.fields().isEmpty());
  }

  /// Replaces the fields of every entry; `change` may return its argument.
  void replaceFields(UnaryOperator<ManagedEntry> change) {
    entries.replaceAll((_, entry) -> change.apply(entry));
  }

  /// Whether the same managers own the same fields, whenever they took them.
  boolean sameOwners(ManagedFields other) {
    if (entries.size() != other.entries.size()) {
      return false;
    }
    for (ManagedEntry entry : entries.values()) {
      ManagedEntry theirs = other.entries.get(entry.key());
      if (theirs == null
          || !theirs.apiVersion().equals(entry.apiVersion())
          || !theirs.fields().equals(entry.fields())) {
        return false;
      }
    }
    return true;
  }

  /// Merges the oldest Update entries of a version into one until [#UPDATERS_MAX] are left, or
  /// every version has but one.
  void capUpdaters() {
    List<ManagedEntry> updaters = new ArrayList<>();
    for (ManagedEntry entry : entries.values()) {
      if (!entry.applied()) {
        updaters.add(entry);
      }
    }
    int left = updaters.size();
    if (left <= UPDATERS_MAX) {
      return;
    }
    updaters.sort(OLDEST);
    Map<String, ManagedEntry> oldest = new HashMap<>();
    for (ManagedEntry entry : updaters) {
      if (left <= UPDATERS_MAX) {
        return;
      }
      ManagedEntry older = oldest.get(entry.apiVersion());
      if (older == null) {
        oldest.put(entry.apiVersion(), entry);
        continue;
      }
      ManagedEntry merged =
          new ManagedEntry(
              ANCIENT_CHANGES,
              Operation.UPDATE,
              entry.apiVersion(),
              "",
              entry.time(),
              older.fields().union(entry.fields()));
      left -= mergeInto(merged, older, entry);
      oldest.put(entry.apiVersion(), merged);
    }
  }

  /// Puts `merged` in the place of both, and says how many entries fewer there are.
  private int mergeInto(ManagedEntry merged, ManagedEntry older, ManagedEntry newer) {
    int before = entries.size();
    entries.remove(older.key());
    entries.remove(newer.key());
    ManagedEntry bucket = entries.get(merged.key());
    put(bucket == null ? merged : merged.withFields(merged.fields().union(bucket.fields())));
    return before - entries.size();
  }

  /// The wire form in canonical order.
  ArrayNode encode() {
    List<ManagedEntry> sorted = new ArrayList<>(entries.values());
    sorted.sort(CANONICAL);
    ArrayNode out = JsonNodeFactory.instance.arrayNode(sorted.size());
    for (ManagedEntry entry : sorted) {
      ObjectNode each = out.addObject();
      each.put("apiVersion", entry.apiVersion());
      each.put("fieldsType", FIELDS_TYPE);
      each.set("fieldsV1", FieldsV1.write(entry.fields()));
      each.put("manager", entry.manager());
      each.put("operation", entry.operation().wireName());
      if (!entry.subresource().isEmpty()) {
        each.put("subresource", entry.subresource());
      }
      if (entry.time() != null) {
        each.put("time", time(entry.time()));
      }
    }
    return out;
  }

  /// Second precision, as Kubernetes writes times.
  static String time(Instant time) {
    return DateTimeFormatter.ISO_INSTANT.format(time.truncatedTo(ChronoUnit.SECONDS));
  }

  private static ManagedEntry entry(JsonNode node) throws MalformedFieldsException {
    if (!(node instanceof ObjectNode object)) {
      throw new MalformedFieldsException("an entry of managedFields must be an object");
    }
    String apiVersion = text(object, "apiVersion");
    if (apiVersion.isEmpty()) {
      throw new MalformedFieldsException("an entry of managedFields must name its apiVersion");
    }
    String fieldsType = text(object, "fieldsType");
    if (!fieldsType.equals(FIELDS_TYPE)) {
      throw new MalformedFieldsException(
          "managedFields has fieldsType \"" + fieldsType + "\"; it must be " + FIELDS_TYPE);
    }
    JsonNode fields = object.get("fieldsV1");
    return new ManagedEntry(
        text(object, "manager"),
        operation(text(object, "operation")),
        apiVersion,
        text(object, "subresource"),
        instant(text(object, "time")),
        fields == null || fields.isNull() ? FieldSet.EMPTY : FieldsV1.read(fields));
  }

  private static Operation operation(String name) throws MalformedFieldsException {
    for (Operation operation : Operation.values()) {
      if (operation.wireName().equals(name)) {
        return operation;
      }
    }
    throw new MalformedFieldsException(
        "managedFields has operation \"" + name + "\"; it must be Apply or Update");
  }

  private static String text(ObjectNode object, String name) throws MalformedFieldsException {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return "";
    }
    if (!value.isString()) {
      throw new MalformedFieldsException("managedFields member " + name + " must be a string");
    }
    return value.stringValue();
  }

  private static @Nullable Instant instant(String text) throws MalformedFieldsException {
    if (text.isEmpty()) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.SECONDS);
    } catch (DateTimeException e) {
      throw new MalformedFieldsException(
          "managedFields has time \"" + text + "\"; it must be like 2026-01-02T15:04:05Z", e);
    }
  }
}
