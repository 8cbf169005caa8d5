package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.StringNode;

/// The rules that hold for the metadata of every kind. A validation is one object's: it collects
/// what it finds and is thrown away.
public final class MetadataValidation {
  public static final int ANNOTATIONS_BYTES_MAX = 256 * 1024;
  public static final int MANAGER_LENGTH_MAX = 128;
  public static final int SUBRESOURCE_LENGTH_MAX = 256;

  private static final String IMMUTABLE = "field is immutable";
  private static final String ORPHAN = "orphan";
  private static final String FOREGROUND = "foregroundDeletion";

  private static final Set<Integer> NOT_PRINTABLE =
      Set.of(
          (int) Character.CONTROL,
          (int) Character.FORMAT,
          (int) Character.SURROGATE,
          (int) Character.PRIVATE_USE,
          (int) Character.UNASSIGNED,
          (int) Character.LINE_SEPARATOR,
          (int) Character.PARAGRAPH_SEPARATOR,
          (int) Character.SPACE_SEPARATOR);

  private final ObjectMeta meta;
  private final FieldPath path;
  private final List<FieldError> errors = new ArrayList<>();

  private MetadataValidation(ObjectMeta meta, FieldPath path) {
    this.meta = meta;
    this.path = path;
  }

  /// What is wrong with the metadata of an object that is to be created. A name may still be
  /// missing where `generateName` stands for it.
  public static List<FieldError> onCreate(ObjectMeta meta, boolean namespaced, NameRule names) {
    MetadataValidation validation = new MetadataValidation(meta, FieldPath.ROOT.child("metadata"));
    validation.names(names);
    validation.namespace(namespaced);
    validation.common();
    return validation.errors;
  }

  /// What is wrong with replacing `stored` by `changed`. Call it after
  /// [ObjectMeta#withServerFieldsOf], and after the stored resourceVersion was filled in where the
  /// kind allows an update without one.
  public static List<FieldError> onUpdate(ObjectMeta changed, ObjectMeta stored) {
    MetadataValidation validation =
        new MetadataValidation(changed, FieldPath.ROOT.child("metadata"));
    validation.unchanged(stored);
    validation.noNewFinalizers(stored);
    validation.common();
    return validation.errors;
  }

  private void names(NameRule rule) {
    if (!meta.generateName().isEmpty()) {
      invalid(
          path.child("generateName"), meta.generateName(), rule.checkPrefix(meta.generateName()));
    } else if (meta.name().isEmpty()) {
      errors.add(FieldError.required(path.child("name"), "name or generateName is required"));
    }
    if (!meta.name().isEmpty()) {
      invalid(path.child("name"), meta.name(), rule.check(meta.name()));
    }
  }

  private void namespace(boolean namespaced) {
    FieldPath at = path.child("namespace");
    if (!namespaced) {
      if (!meta.namespace().isEmpty()) {
        errors.add(FieldError.forbidden(at, "not allowed on this type"));
      }
    } else if (meta.namespace().isEmpty()) {
      errors.add(FieldError.required(at, ""));
    } else {
      invalid(at, meta.namespace(), Names.dns1123Label(meta.namespace()));
    }
  }

  private void common() {
    if (meta.generation() < 0) {
      errors.add(
          FieldError.invalid(
              path.child("generation"),
              LongNode.valueOf(meta.generation()),
              "must be greater than or equal to 0"));
    }
    labels(meta.labels(), path.child("labels"));
    annotations();
    owners();
    finalizers();
    managedFields();
  }

  private void labels(Map<String, String> labels, FieldPath at) {
    for (Map.Entry<String, String> label : labels.entrySet()) {
      invalid(at, label.getKey(), Names.qualifiedName(label.getKey()));
      List<String> wrongValue = Names.labelValue(label.getValue());
      if (!wrongValue.isEmpty()) {
        invalid(at.key(label.getKey()), label.getValue(), wrongValue);
      }
    }
  }

  private void annotations() {
    FieldPath at = path.child("annotations");
    long bytes = 0;
    for (Map.Entry<String, String> annotation : meta.annotations().entrySet()) {
      invalid(at, annotation.getKey(), Names.annotationKey(annotation.getKey()));
      bytes += utf8Length(annotation.getKey()) + utf8Length(annotation.getValue());
    }
    if (bytes > ANNOTATIONS_BYTES_MAX) {
      errors.add(FieldError.tooLong(at, ANNOTATIONS_BYTES_MAX));
    }
  }

  private void owners() {
    FieldPath at = path.child("ownerReferences");
    OwnerReference controller = null;
    for (int i = 0; i < meta.ownerReferences().size(); i++) {
      OwnerReference owner = meta.ownerReferences().get(i);
      FieldPath each = at.index(i);
      ownerApiVersion(owner, each.child("apiVersion"));
      notEmpty(each.child("kind"), owner.kind(), "kind must not be empty");
      notEmpty(each.child("name"), owner.name(), "name must not be empty");
      notEmpty(each.child("uid"), owner.uid(), "uid must not be empty");
      if (!owner.isController()) {
        continue;
      }
      if (controller != null) {
        errors.add(
            FieldError.invalid(
                each.child("controller"),
                BooleanNode.TRUE,
                "Only one reference can have Controller set to true. Found \"true\" in references"
                    + (" for " + controller.kind() + "/" + controller.name())
                    + (" and " + owner.kind() + "/" + owner.name())));
      } else {
        controller = owner;
      }
    }
  }

  private void ownerApiVersion(OwnerReference owner, FieldPath at) {
    String text = owner.apiVersion();
    notEmpty(at, text, "version must not be empty");
    int slash = text.indexOf('/');
    boolean wellFormed =
        slash < 0 || (slash > 0 && slash < text.length() - 1 && text.indexOf('/', slash + 1) < 0);
    if (!wellFormed) {
      invalid(at, text, List.of("must be \"group/version\", or \"version\" for the core group"));
    } else if (text.equals("v1") && owner.kind().equals("Event")) {
      invalid(at, text, List.of("v1, Kind=Event is disallowed from being an owner"));
    }
  }

  private void finalizers() {
    FieldPath at = path.child("finalizers");
    for (int i = 0; i < meta.finalizers().size(); i++) {
      String finalizer = meta.finalizers().get(i);
      invalid(at.index(i), finalizer, Names.qualifiedName(finalizer));
    }
    if (meta.finalizers().contains(ORPHAN) && meta.finalizers().contains(FOREGROUND)) {
      errors.add(
          FieldError.invalid(
              at,
              list(meta.finalizers()),
              "finalizer " + ORPHAN + " and " + FOREGROUND + " cannot be both set"));
    }
  }

  private void managedFields() {
    for (int i = 0; i < meta.managedFields().size(); i++) {
      ManagedFieldsEntry entry = meta.managedFields().get(i);
      FieldPath at = path.child("managedFields").index(i);
      if (!entry.operation().equals(ManagedFieldsEntry.APPLY)
          && !entry.operation().equals(ManagedFieldsEntry.UPDATE)) {
        invalid(at.child("operation"), entry.operation(), List.of("must be `Apply` or `Update`"));
      }
      if (!entry.fieldsType().isEmpty()
          && !entry.fieldsType().equals(ManagedFieldsEntry.FIELDS_V1)) {
        invalid(at.child("fieldsType"), entry.fieldsType(), List.of("must be `FieldsV1`"));
      }
      if (entry.subresource().length() > SUBRESOURCE_LENGTH_MAX) {
        errors.add(FieldError.tooLong(at.child("subresource"), SUBRESOURCE_LENGTH_MAX));
      }
      errors.addAll(fieldManager(entry.manager(), at.child("manager")));
    }
  }

  /// What is wrong with the name of a field manager, in an object or in a request's options.
  public static List<FieldError> fieldManager(String manager, FieldPath at) {
    List<FieldError> out = new ArrayList<>();
    if (manager.length() > MANAGER_LENGTH_MAX) {
      out.add(FieldError.tooLong(at, MANAGER_LENGTH_MAX));
    }
    for (int i = 0; i < manager.length(); i = manager.offsetByCodePoints(i, 1)) {
      int type = Character.getType(manager.codePointAt(i));
      if (manager.charAt(i) != ' ' && NOT_PRINTABLE.contains(type)) {
        out.add(
            FieldError.invalid(
                at, StringNode.valueOf(manager), "should only contain printable" + " characters"));
        break;
      }
    }
    return out;
  }

  private void unchanged(ObjectMeta stored) {
    if (meta.resourceVersion().isEmpty()) {
      invalid(path.child("resourceVersion"), "", List.of("must be specified for an update"));
    }
    if (meta.generation() < stored.generation()) {
      errors.add(
          FieldError.invalid(
              path.child("generation"),
              LongNode.valueOf(meta.generation()),
              "must not be decremented"));
    }
    immutable("name", text(meta.name()), text(stored.name()));
    immutable("namespace", text(meta.namespace()), text(stored.namespace()));
    immutable("uid", text(meta.uid()), text(stored.uid()));
    immutable(
        "creationTimestamp", text(meta.creationTimestamp()), text(stored.creationTimestamp()));
    immutable(
        "deletionTimestamp", text(meta.deletionTimestamp()), text(stored.deletionTimestamp()));
    immutable(
        "deletionGracePeriodSeconds",
        number(meta.deletionGracePeriodSeconds()),
        number(stored.deletionGracePeriodSeconds()));
  }

  private void noNewFinalizers(ObjectMeta stored) {
    if (!stored.deleting()) {
      return;
    }
    List<String> added = new ArrayList<>(meta.finalizers());
    added.removeAll(new HashSet<>(stored.finalizers()));
    if (!added.isEmpty()) {
      errors.add(
          FieldError.forbidden(
              path.child("finalizers"),
              "no new finalizers can be added if the object is being deleted, found new finalizers "
                  + list(added)));
    }
  }

  private void immutable(String name, @Nullable JsonNode changed, @Nullable JsonNode stored) {
    if (!Objects.equals(changed, stored)) {
      errors.add(FieldError.invalid(path.child(name), changed, IMMUTABLE));
    }
  }

  private void notEmpty(FieldPath at, String value, String detail) {
    if (value.isEmpty()) {
      invalid(at, value, List.of(detail));
    }
  }

  private void invalid(FieldPath at, String value, List<String> details) {
    for (String detail : details) {
      errors.add(FieldError.invalid(at, StringNode.valueOf(value), detail));
    }
  }

  private static JsonNode text(String value) {
    return StringNode.valueOf(value);
  }

  private static @Nullable JsonNode text(@Nullable Time time) {
    return time == null ? null : StringNode.valueOf(time.toString());
  }

  private static @Nullable JsonNode number(@Nullable Long value) {
    return value == null ? null : LongNode.valueOf(value);
  }

  private static ArrayNode list(List<String> values) {
    ArrayNode out = JsonNodeFactory.instance.arrayNode();
    values.forEach(out::add);
    return out;
  }

  private static long utf8Length(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return text.getBytes(StandardCharsets.UTF_8).length;
      }
    }
    return text.length();
  }
}
