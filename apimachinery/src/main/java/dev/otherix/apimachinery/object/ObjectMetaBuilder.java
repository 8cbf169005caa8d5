package dev.otherix.apimachinery.object;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes an [ObjectMeta], new or changed in several places at once. Confined to one thread.
public final class ObjectMetaBuilder {
  private String name = "";
  private String generateName = "";
  private String namespace = "";
  private String uid = "";
  private String resourceVersion = "";
  private long generation;
  private @Nullable Time creationTimestamp;
  private @Nullable Time deletionTimestamp;
  private @Nullable Long deletionGracePeriodSeconds;
  private Map<String, String> labels = Map.of();
  private Map<String, String> annotations = Map.of();
  private List<OwnerReference> ownerReferences = List.of();
  private List<String> finalizers = List.of();
  private List<ManagedFieldsEntry> managedFields = List.of();

  public ObjectMetaBuilder() {}

  ObjectMetaBuilder(ObjectMeta meta) {
    name = meta.name();
    generateName = meta.generateName();
    namespace = meta.namespace();
    uid = meta.uid();
    resourceVersion = meta.resourceVersion();
    generation = meta.generation();
    creationTimestamp = meta.creationTimestamp();
    deletionTimestamp = meta.deletionTimestamp();
    deletionGracePeriodSeconds = meta.deletionGracePeriodSeconds();
    labels = meta.labels();
    annotations = meta.annotations();
    ownerReferences = meta.ownerReferences();
    finalizers = meta.finalizers();
    managedFields = meta.managedFields();
  }

  public ObjectMeta build() {
    return new ObjectMeta(
        name,
        generateName,
        namespace,
        uid,
        resourceVersion,
        generation,
        creationTimestamp,
        deletionTimestamp,
        deletionGracePeriodSeconds,
        labels,
        annotations,
        ownerReferences,
        finalizers,
        managedFields);
  }

  public ObjectMetaBuilder name(String name) {
    this.name = name;
    return this;
  }

  public ObjectMetaBuilder generateName(String generateName) {
    this.generateName = generateName;
    return this;
  }

  public ObjectMetaBuilder namespace(String namespace) {
    this.namespace = namespace;
    return this;
  }

  public ObjectMetaBuilder uid(String uid) {
    this.uid = uid;
    return this;
  }

  public ObjectMetaBuilder resourceVersion(String resourceVersion) {
    this.resourceVersion = resourceVersion;
    return this;
  }

  public ObjectMetaBuilder generation(long generation) {
    this.generation = generation;
    return this;
  }

  public ObjectMetaBuilder creationTimestamp(@Nullable Time creationTimestamp) {
    this.creationTimestamp = creationTimestamp;
    return this;
  }

  public ObjectMetaBuilder labels(Map<String, String> labels) {
    this.labels = labels;
    return this;
  }

  public ObjectMetaBuilder annotations(Map<String, String> annotations) {
    this.annotations = annotations;
    return this;
  }

  public ObjectMetaBuilder ownerReferences(List<OwnerReference> ownerReferences) {
    this.ownerReferences = ownerReferences;
    return this;
  }

  public ObjectMetaBuilder finalizers(List<String> finalizers) {
    this.finalizers = finalizers;
    return this;
  }

  public ObjectMetaBuilder managedFields(List<ManagedFieldsEntry> managedFields) {
    this.managedFields = managedFields;
    return this;
  }

  /// Both are set when the object is deleted, and absent before.
  public ObjectMetaBuilder deletion(@Nullable Time timestamp, @Nullable Long gracePeriodSeconds) {
    this.deletionTimestamp = timestamp;
    this.deletionGracePeriodSeconds = gracePeriodSeconds;
    return this;
  }
}
