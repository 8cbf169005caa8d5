package dev.otherix.ctl.noun;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.WriteOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An object made of a command's options. Options that were not given leave the field to the
/// server. Confined to one thread.
final class NewObject {
  private final GroupVersionResource resource;
  private final ObjectNode object = JsonNodeFactory.instance.objectNode();
  private final ObjectNode spec;

  /// @param name one that ends with `-` is completed by the server
  NewObject(String kind, String plural, String name) {
    this.resource = new GroupVersionResource("otherix", "v1", plural);
    object.put("apiVersion", "otherix/v1").put("kind", kind);
    object.putObject("metadata").put(name.endsWith("-") ? "generateName" : "name", name);
    this.spec = object.putObject("spec");
  }

  NewObject with(String field, @Nullable String value) {
    if (value != null) {
      spec.put(field, value);
    }
    return this;
  }

  NewObject with(String field, @Nullable Integer value) {
    if (value != null) {
      spec.put(field, value.longValue());
    }
    return this;
  }

  NewObject with(String field, boolean value) {
    if (value) {
      spec.put(field, true);
    }
    return this;
  }

  NewObject with(String field, List<String> values) {
    ArrayNode list = spec.putArray(field);
    values.forEach(list::add);
    return this;
  }

  /// @param sizes in GiB by name
  NewObject disks(Map<String, Integer> sizes) {
    if (!sizes.isEmpty()) {
      ArrayNode list = spec.putArray("disks");
      sizes.forEach((name, size) -> list.addObject().put("name", name).put("sizeGiB", (long) size));
    }
    return this;
  }

  NewObject labelled(Map<String, String> labels) {
    if (!labels.isEmpty()) {
      ObjectNode tree = spec.putObject("labels");
      labels.forEach(tree::put);
    }
    return this;
  }

  /// Has the server create it.
  ObjectNode send(ApiClient client) throws InterruptedException {
    return client
        .resource(resource)
        .create(object, WriteOptions.DEFAULT.withFieldValidation("Strict"));
  }

  ObjectNode tree() {
    return object;
  }

  GroupVersionResource resource() {
    return resource;
  }
}
