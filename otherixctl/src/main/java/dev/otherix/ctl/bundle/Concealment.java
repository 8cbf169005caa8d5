package dev.otherix.ctl.bundle;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Takes out of objects what may be secret: what guests are given, copies of whole manifests, and
/// who one is in addresses. Of kinds that somebody else made, only the metadata is kept: nobody
/// knows what their fields mean.
final class Concealment {
  private static final Set<String> GROUPS =
      Set.of("otherix", "coordination.k8s.io", "apiextensions.k8s.io");
  private static final Set<String> CORE = Set.of("events", "namespaces");
  private static final Set<String> HIDDEN =
      Set.of(
          "userData",
          "networkConfig",
          "vendorData",
          "password",
          "passwordHash",
          "token",
          "secret",
          "caBundle",
          "kubectl.kubernetes.io/last-applied-configuration");
  private static final Pattern USER_OF_URL = Pattern.compile("(?<=://)[^/@\\s]+@");
  private static final Pattern QUERY_OF_URL = Pattern.compile("(https?://[^\\s?\"]+)\\?[^\\s\"]+");

  private Concealment() {}

  /// Whether objects of a kind are in a bundle at all.
  static boolean tells(String group, String plural) {
    return !group.isEmpty() || CORE.contains(plural);
  }

  /// A copy of an object for strangers.
  static ObjectNode of(String group, String plural, ObjectNode object) {
    ObjectNode copy = object.deepCopy();
    if (!GROUPS.contains(group) && !(group.isEmpty() && CORE.contains(plural))) {
      copy.retain(List.of("apiVersion", "kind", "metadata"));
    }
    hide(copy);
    return copy;
  }

  private static void hide(JsonNode tree) {
    switch (tree) {
      case ObjectNode object -> {
        for (Map.Entry<String, JsonNode> each : object.properties()) {
          if (HIDDEN.contains(each.getKey()) && each.getValue().isString()) {
            int length = each.getValue().stringValue().length();
            each.setValue(text("<" + length + " characters left out>"));
          } else if (each.getValue() instanceof StringNode value) {
            each.setValue(text(address(value.stringValue())));
          } else {
            hide(each.getValue());
          }
        }
      }
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          if (array.get(i) instanceof StringNode value) {
            array.set(i, text(address(value.stringValue())));
          } else {
            hide(array.get(i));
          }
        }
      }
      case JsonNode _ -> {}
    }
  }

  private static StringNode text(String value) {
    return JsonNodeFactory.instance.stringNode(value);
  }

  /// Names and signatures in addresses open what is behind them.
  static String address(String text) {
    if (!text.contains("://")) {
      return text;
    }
    String nobody = USER_OF_URL.matcher(text).replaceAll("");
    return QUERY_OF_URL.matcher(nobody).replaceAll("$1?<left out>");
  }
}
