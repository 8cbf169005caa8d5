package dev.otherix.apimachinery.object;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Metadata to its wire form, members in the order in which Kubernetes writes them.
final class ObjectMetaWriter {
  private ObjectMetaWriter() {}

  static ObjectNode write(ObjectMeta meta) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    put(out, "name", meta.name());
    put(out, "generateName", meta.generateName());
    put(out, "namespace", meta.namespace());
    put(out, "uid", meta.uid());
    put(out, "resourceVersion", meta.resourceVersion());
    if (meta.generation() != 0) {
      out.put("generation", meta.generation());
    }
    put(out, "creationTimestamp", meta.creationTimestamp());
    put(out, "deletionTimestamp", meta.deletionTimestamp());
    Long grace = meta.deletionGracePeriodSeconds();
    if (grace != null) {
      out.put("deletionGracePeriodSeconds", grace);
    }
    put(out, "labels", meta.labels());
    put(out, "annotations", meta.annotations());
    if (!meta.ownerReferences().isEmpty()) {
      ArrayNode owners = out.putArray("ownerReferences");
      meta.ownerReferences().forEach(each -> owners.add(each.toJson()));
    }
    put(out, "finalizers", meta.finalizers());
    if (!meta.managedFields().isEmpty()) {
      ArrayNode entries = out.putArray("managedFields");
      meta.managedFields().forEach(each -> entries.add(each.toJson()));
    }
    return out;
  }

  static void put(ObjectNode out, String name, String value) {
    if (!value.isEmpty()) {
      out.put(name, value);
    }
  }

  static void put(ObjectNode out, String name, @Nullable Time value) {
    if (value != null) {
      out.put(name, value.toString());
    }
  }

  private static void put(ObjectNode out, String name, Map<String, String> values) {
    if (!values.isEmpty()) {
      ObjectNode map = out.putObject(name);
      values.forEach(map::put);
    }
  }

  private static void put(ObjectNode out, String name, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode list = out.putArray(name);
      values.forEach(list::add);
    }
  }
}
