package dev.otherix.apiserver.discovery;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.SchemaFile;

/// A kind that is not built in.
public final class TestKinds {
  private TestKinds() {}

  public static Kind widget(String version) {
    return SchemaFile.read(
        "widget.json",
        """
        {"x-otherix-kind": {"group": "example.io", "version": "%s", "kind": "Widget",
          "plural": "widgets", "scope": "Namespaced", "shortNames": ["wd"],
          "categories": ["all"], "subresources": {"status": true, "actions": ["start"],
          "scale": {"specReplicasPath": ".spec.replicas",
            "statusReplicasPath": ".status.replicas"}}},
         "type": "object", "description": "A widget.", "properties": {
           "spec": {"type": "object", "description": "What it should be.", "properties": {
             "replicas": {"type": "integer", "description": "How many.", "minimum": 1,
               "maximum": 9, "default": 1},
             "share": {"type": "number", "description": "Of it.", "exclusiveMinimum": 0.5},
             "names": {"type": "array", "description": "Of them.", "minItems": 1, "maxItems": 3,
               "items": {"type": "string", "minLength": 2, "maxLength": 63, "pattern": "^a",
                 "enum": ["aa", "ab"]}}}, "required": ["replicas"]},
           "status": {"type": "object", "description": "What it is.", "properties": {
             "replicas": {"type": "integer", "description": "How many there are."}}}}}
        """
            .formatted(version));
  }
}
