package io.example.widget;

import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectMeta;

/// Something that is made of parts. The kind is `widgets.yaml`.
record Widget(ObjectMeta metadata, Spec spec) {
  static final String API_VERSION = "example.io/v1";
  static final String KIND = "Widget";
  static final GroupVersionResource RESOURCE =
      new GroupVersionResource("example.io", "v1", "widgets");

  record Spec(int parts, String color) {}
}
