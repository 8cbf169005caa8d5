package dev.otherix.apiserver.customkinds;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.SchemaFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The kind CustomResourceDefinition, and what is read from one everywhere.
public final class Definition {
  public static final String GROUP = DefinitionFeed.GROUP;
  public static final String KIND = "CustomResourceDefinition";

  /// Keeps a definition until its objects are gone.
  public static final String CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

  /// Approves a kind in a group of the Kubernetes project.
  public static final String APPROVAL = "api-approved.kubernetes.io";

  private Definition() {}

  /// Reads and compiles the schema: keep the result.
  public static Kind kind() {
    try (InputStream in = Definition.class.getResourceAsStream("customresourcedefinition.json")) {
      if (in == null) {
        throw new IllegalStateException("the schema of " + KIND + " is not on the class path");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return SchemaFile.read("customresourcedefinition.json", text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the schema of " + KIND, e);
    }
  }

  /// Sets what follows from other fields. Changes `definition`; call it beside the defaults of the
  /// schema, on every write and on every read from storage.
  public static void setDefaults(ObjectNode definition) {
    if (!(definition.get("spec") instanceof ObjectNode spec)) {
      return;
    }
    if (spec.get("names") instanceof ObjectNode names) {
      String kind = names.path("kind").asString("");
      if (!kind.isEmpty() && names.path("singular").asString("").isEmpty()) {
        names.put("singular", kind.toLowerCase(Locale.ROOT));
      }
      if (!kind.isEmpty() && names.path("listKind").asString("").isEmpty()) {
        names.put("listKind", kind + "List");
      }
    }
    if (!spec.has("conversion")) {
      spec.putObject("conversion").put("strategy", "None");
    }
    if (!spec.path("preserveUnknownFields").asBoolean(false)) {
      spec.remove("preserveUnknownFields");
    }
  }

  static String name(ObjectNode definition) {
    return definition.path("metadata").path("name").asString("");
  }

  static String group(ObjectNode definition) {
    return definition.path("spec").path("group").asString("");
  }

  /// The version in which objects are stored; empty where there is none.
  public static String storageVersion(ObjectNode definition) {
    for (JsonNode version : definition.path("spec").path("versions")) {
      if (version.path("storage").asBoolean(false)) {
        return version.path("name").asString("");
      }
    }
    return "";
  }

  /// Whether objects of the kind may be served: its names were accepted once.
  public static boolean isEstablished(ObjectNode definition) {
    return hasTrue(definition, "Established");
  }

  public static boolean isTerminating(ObjectNode definition) {
    return definition.path("metadata").hasNonNull("deletionTimestamp");
  }

  static boolean hasTrue(ObjectNode definition, String condition) {
    for (JsonNode each : definition.path("status").path("conditions")) {
      if (each.path("type").asString("").equals(condition)) {
        return each.path("status").asString("").equals("True");
      }
    }
    return false;
  }

  /// Whether deletion must wait for objects: such a definition gets [#CLEANUP_FINALIZER] when it is
  /// deleted. One that never was established has no objects.
  public static boolean needsCleanup(ObjectNode definition) {
    return isEstablished(definition) || definition.path("status").path("storedVersions").size() > 1;
  }

  /// Whether the group belongs to the Kubernetes project.
  static boolean isProtected(String group) {
    return group.equals("k8s.io")
        || group.equals("kubernetes.io")
        || group.endsWith(".k8s.io")
        || group.endsWith(".kubernetes.io");
  }
}
