package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.selector.LabelSelector;
import dev.otherix.apimachinery.selector.LabelSelectorReader;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apiserver.cel.MatchExpression;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One webhook of a configuration, ready to be asked. Immutable.
///
/// @param client `clientConfig`, never changed
/// @param failClosed whether a webhook that cannot be asked refuses the write
/// @param reinvoked whether it is asked again when others changed the object after it
record Webhook(
    String name,
    ObjectNode client,
    List<WebhookRule> rules,
    LabelSelector namespaces,
    LabelSelector objects,
    List<Condition> conditions,
    boolean failClosed,
    boolean equivalent,
    boolean sideEffectsOnDryRun,
    int timeoutSeconds,
    boolean reinvoked) {

  record Condition(String name, MatchExpression expression) {}

  /// The webhooks of a configuration whose defaults are set and that [WebhookValidation] accepts.
  ///
  /// @throws IllegalArgumentException where it does not
  static List<Webhook> read(ObjectNode configuration) {
    List<Webhook> webhooks = new ArrayList<>();
    for (JsonNode each : configuration.path("webhooks")) {
      webhooks.add(one(each));
    }
    return List.copyOf(webhooks);
  }

  private static Webhook one(JsonNode webhook) {
    List<WebhookRule> rules = new ArrayList<>();
    webhook.path("rules").forEach(each -> rules.add(WebhookRule.read(each)));
    List<Condition> conditions = new ArrayList<>();
    for (JsonNode each : webhook.path("matchConditions")) {
      MatchExpression expression = MatchExpression.of(each.path("expression").asString(""));
      conditions.add(new Condition(each.path("name").asString(""), expression));
    }
    String sideEffects = webhook.path("sideEffects").asString("");
    if (!(webhook.get("clientConfig") instanceof ObjectNode client)) {
      throw new IllegalArgumentException("a webhook without clientConfig");
    }
    return new Webhook(
        webhook.path("name").asString(""),
        client,
        List.copyOf(rules),
        selector(webhook.get("namespaceSelector")),
        selector(webhook.get("objectSelector")),
        List.copyOf(conditions),
        !webhook.path("failurePolicy").asString("").equals("Ignore"),
        !webhook.path("matchPolicy").asString("").equals("Exact"),
        !sideEffects.equals("None") && !sideEffects.equals("NoneOnDryRun"),
        webhook.path("timeoutSeconds").asInt(10),
        webhook.path("reinvocationPolicy").asString("").equals("IfNeeded"));
  }

  private static LabelSelector selector(@Nullable JsonNode selector) {
    return selector == null
        ? LabelSelector.everything()
        : LabelSelectorReader.read(selector, FieldPath.ROOT, new Findings());
  }

  /// The version in which the webhook wants to see an object; null when no rule is about it.
  ///
  /// @param versions every version in which the kind is served
  @Nullable Kind wanted(Attributes attributes, Collection<Kind> versions) {
    for (WebhookRule rule : rules) {
      if (rule.matches(attributes.operation(), attributes.kind(), attributes.subresource())) {
        return attributes.kind();
      }
    }
    for (Kind version : equivalent ? versions : List.<Kind>of()) {
      for (WebhookRule rule : rules) {
        if (rule.matches(attributes.operation(), version, attributes.subresource())) {
          return version;
        }
      }
    }
    return null;
  }

  boolean selects(Attributes attributes) {
    return objects.isEverything()
        || selects(attributes.object())
        || selects(attributes.oldObject());
  }

  private boolean selects(@Nullable ObjectNode object) {
    return object != null && objects.matchesObject(object);
  }
}
