package dev.otherix.controllers;

import dev.otherix.apimachinery.codec.Json;
import tools.jackson.databind.node.ObjectNode;

/// Small objects of otherix/v1.
public final class Manifests {
  private Manifests() {}

  /// @param spec members of the spec in JSON, without its braces, besides the image
  public static ObjectNode vm(String name, String spec) {
    return object(
        "VM",
        name,
        "\"imageURL\": \"https://images/i\", \"arch\": \"amd64\""
            + (spec.isEmpty() ? "" : ", " + spec));
  }

  public static ObjectNode object(String kind, String name, String spec) {
    return Json.parseObject(
        """
        {"apiVersion": "otherix/v1", "kind": "%s", "metadata": {"name": "%s"}, "spec": {%s}}
        """
            .formatted(kind, name, spec));
  }

  public static ObjectNode node(String name) {
    return object("Node", name, "\"arch\": \"amd64\"");
  }

  public static ObjectNode status(String json) {
    return Json.parseObject("{\"status\": " + json + "}");
  }
}
