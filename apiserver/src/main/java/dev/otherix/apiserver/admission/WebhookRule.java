package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.schema.Kind;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What one rule of a webhook is about. Immutable.
record WebhookRule(
    List<String> operations,
    List<String> groups,
    List<String> versions,
    List<String> resources,
    String scope) {
  private static final String ANY = "*";

  static WebhookRule read(JsonNode rule) {
    return new WebhookRule(
        texts(rule.path("operations")),
        texts(rule.path("apiGroups")),
        texts(rule.path("apiVersions")),
        texts(rule.path("resources")),
        rule.path("scope").asString(ANY));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asString("")));
    return List.copyOf(texts);
  }

  boolean matches(Operation operation, Kind kind, String subresource) {
    return holds(operations, operation.name())
        && holds(groups, kind.group())
        && holds(versions, kind.version())
        && scoped(kind)
        && resource(kind.plural(), subresource);
  }

  private static boolean holds(List<String> wanted, String value) {
    return wanted.contains(ANY) || wanted.contains(value);
  }

  private boolean scoped(Kind kind) {
    return switch (scope) {
      case "Namespaced" -> kind.namespaced();
      case "Cluster" -> !kind.namespaced();
      default -> true;
    };
  }

  private boolean resource(String plural, String subresource) {
    for (String each : resources) {
      int slash = each.indexOf('/');
      String wanted = slash < 0 ? each : each.substring(0, slash);
      String below = slash < 0 ? "" : each.substring(slash + 1);
      boolean right = wanted.equals(ANY) || wanted.equals(plural);
      if (right && (below.equals(ANY) || below.equals(subresource))) {
        return true;
      }
    }
    return false;
  }
}
