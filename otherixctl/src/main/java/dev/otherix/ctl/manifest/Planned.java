package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.codec.Position;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// One object that the files of `-f` ask for.
///
/// @param source the file's name
/// @param position where the object's text begins
/// @param object not to be changed
/// @param checked whether the schema of this build was asked already
record Planned(String source, Position position, ObjectNode object, boolean checked) {
  /// What only a server writes. Whoever feeds back what he got needs not take it out.
  private static final List<String> SERVERS =
      List.of(
          "managedFields",
          "resourceVersion",
          "uid",
          "generation",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "selfLink");

  /// The object without what only the system writes.
  static ObjectNode cleaned(ObjectNode written) {
    ObjectNode object = written.deepCopy();
    object.remove("status");
    if (object.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove(SERVERS);
    }
    boolean isMachine = object.path("apiVersion").asString("").startsWith("otherix/");
    if (isMachine
        && object.path("kind").asString("").equals("VM")
        && object.get("spec") instanceof ObjectNode spec) {
      spec.remove("nodeName");
    }
    return object;
  }

  String apiVersion() {
    return object.path("apiVersion").asString("");
  }

  String kind() {
    return object.path("kind").asString("");
  }

  String name() {
    return object.path("metadata").path("name").asString("");
  }

  /// `VM/web-0`.
  String title() {
    String name = name().isEmpty() ? object.at("/metadata/generateName").asString("") : name();
    return kind() + "/" + name;
  }

  String place() {
    return source + ":" + position.line() + ":" + position.column();
  }

  /// Low numbers are created first and deleted last.
  int rank() {
    return switch (kind()) {
      case "Namespace" -> 0;
      case "CustomResourceDefinition" -> 1;
      case "User", "ClusterSettings" -> 2;
      case "Network" -> 3;
      case "StoragePool" -> 4;
      case "VM" -> 6;
      case "LoadBalancer", "VMSnapshot" -> 7;
      default -> 5;
    };
  }
}
