package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.FieldPath;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// An object's `metadata`. Absent strings are empty, an absent generation is 0.
///
/// @param resourceVersion the revision of the last write, as text; clients must not interpret it
/// @param deletionTimestamp set while the object waits for its finalizers
/// @param labels in the order of the document
/// @param annotations in the order of the document
public record ObjectMeta(
    String name,
    String generateName,
    String namespace,
    String uid,
    String resourceVersion,
    long generation,
    @Nullable Time creationTimestamp,
    @Nullable Time deletionTimestamp,
    @Nullable Long deletionGracePeriodSeconds,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<OwnerReference> ownerReferences,
    List<String> finalizers,
    List<ManagedFieldsEntry> managedFields) {
  public static final ObjectMeta EMPTY = new ObjectMetaBuilder().build();

  private static final Set<String> MEMBERS =
      Set.of(
          "name",
          "generateName",
          "namespace",
          "selfLink",
          "uid",
          "resourceVersion",
          "generation",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "labels",
          "annotations",
          "ownerReferences",
          "finalizers",
          "managedFields");

  public ObjectMeta {
    labels = copy(labels);
    annotations = copy(annotations);
    ownerReferences = List.copyOf(ownerReferences);
    finalizers = List.copyOf(finalizers);
    managedFields = List.copyOf(managedFields);
  }

  /// The names of everything that metadata may hold.
  public static List<String> members() {
    return MEMBERS.stream().sorted().toList();
  }

  /// Reads the `metadata` member that stands at `path`; absent is [#EMPTY]. What does not fit goes
  /// to `findings`. A `selfLink` is dropped without a word: old clients still send it.
  public static ObjectMeta read(@Nullable JsonNode metadata, FieldPath path, Findings findings) {
    ObjectNode object = MemberReader.object(metadata, path, findings);
    if (object == null) {
      return EMPTY;
    }
    MemberReader in = new MemberReader(object, path, MEMBERS, findings);
    return new ObjectMeta(
        in.text("name"),
        in.text("generateName"),
        in.text("namespace"),
        in.text("uid"),
        in.text("resourceVersion"),
        in.integer("generation"),
        in.time("creationTimestamp"),
        in.time("deletionTimestamp"),
        in.optionalInteger("deletionGracePeriodSeconds"),
        in.texts("labels"),
        in.texts("annotations"),
        in.objects("ownerReferences", OwnerReference.MEMBERS, OwnerReference::read),
        in.textList("finalizers"),
        in.objects("managedFields", ManagedFieldsEntry.MEMBERS, ManagedFieldsEntry::read));
  }

  /// The wire form; empty members are left out. Shares no node with this object.
  public ObjectNode toJson() {
    return ObjectMetaWriter.write(this);
  }

  public ObjectKey key() {
    return new ObjectKey(namespace, name);
  }

  public boolean deleting() {
    return deletionTimestamp != null;
  }

  /// The one owner that manages this object.
  public Optional<OwnerReference> controller() {
    for (OwnerReference owner : ownerReferences) {
      if (owner.isController()) {
        return Optional.of(owner);
      }
    }
    return Optional.empty();
  }

  public ObjectMetaBuilder toBuilder() {
    return new ObjectMetaBuilder(this);
  }

  public ObjectMeta withName(String name) {
    return toBuilder().name(name).build();
  }

  public ObjectMeta withNamespace(String namespace) {
    return toBuilder().namespace(namespace).build();
  }

  public ObjectMeta withResourceVersion(String resourceVersion) {
    return toBuilder().resourceVersion(resourceVersion).build();
  }

  public ObjectMeta withFinalizers(List<String> finalizers) {
    return toBuilder().finalizers(finalizers).build();
  }

  /// What no user may change comes from `stored`; a uid that the client sent is kept, so that
  /// validation can refuse a wrong one.
  public ObjectMeta withServerFieldsOf(ObjectMeta stored) {
    return toBuilder()
        .uid(uid.isEmpty() ? stored.uid : uid)
        .generation(stored.generation)
        .creationTimestamp(stored.creationTimestamp)
        .deletion(stored.deletionTimestamp, stored.deletionGracePeriodSeconds)
        .build();
  }

  private static Map<String, String> copy(Map<String, String> map) {
    return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
