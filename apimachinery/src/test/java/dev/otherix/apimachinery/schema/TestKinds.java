package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.codec.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/// Kinds and objects that several tests share.
final class TestKinds {
  private TestKinds() {}

  static String resource(String name) {
    try (InputStream in = Objects.requireNonNull(TestKinds.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Kind machine() {
    return SchemaFile.read("machine.json", resource("machine.json"));
  }

  /// A kind whose `spec` has the given properties, in the form that tests write: single quotes.
  static Kind withSpec(String specSchema) {
    ObjectNode file =
        json(
            "{'x-otherix-kind': {'group': 'example.io', 'version': 'v1', 'kind': 'Widget',"
                + " 'plural': 'widgets', 'scope': 'Namespaced'}, 'type': 'object',"
                + " 'properties': {'spec': {}}}");
    ((ObjectNode) file.required("properties")).set("spec", json(specSchema));
    return SchemaFile.read("widget.json", file);
  }

  /// JSON in single quotes.
  static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  static String machineObject() {
    return """
    {"apiVersion": "example.io/v1", "kind": "Machine",
     "metadata": {"name": "web-1", "namespace": "default", "uid": "7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a111",
       "resourceVersion": "12345", "generation": 3, "creationTimestamp": "2026-01-02T03:04:05Z",
       "labels": {"app": "web", "tier": "front"}},
     "spec": {"nodeName": "node-1", "powerState": "Running", "arch": "amd64", "vcpus": 4, "memory": "4Gi",
       "image": {"url": "https://images.example.io/debian-12.qcow2",
         "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
       "disks": [{"name": "root", "size": "20Gi", "bus": "virtio"}, {"name": "data", "size": "100Gi"}],
       "nics": [{"network": "front", "mac": "52:54:00:12:34:56", "address": "10.1.0.5", "subnet": "10.1.0.0/24"}],
       "tags": ["a", "b"], "options": {"x": "1"}},
     "status": {"phase": "Running", "conditions": [
       {"type": "Ready", "status": "True", "reason": "Started", "message": "The guest runs.",
        "lastTransitionTime": "2026-01-02T03:05:00Z"}]}}
    """;
  }
}
