package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.request.Warnings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Asks the mutating webhooks one after the other, each about what the one before it left, and once
/// more those that want it when others changed the object after them. Thread-safe.
public final class MutatingWebhooks implements Mutation {
  private final WebhookDispatch dispatch;
  private final BiConsumer<Kind, ObjectNode> preparation;

  /// @param preparation sets defaults in what a webhook changed, and drops what is unknown: the
  ///   next one shall see a whole object
  public MutatingWebhooks(WebhookDispatch dispatch, BiConsumer<Kind, ObjectNode> preparation) {
    this.dispatch = dispatch;
    this.preparation = preparation;
  }

  /// One write's way through the webhooks.
  private static final class Way {
    private Attributes attributes;
    private @Nullable ObjectNode changed;
    private int changes;

    Way(Attributes attributes) {
      this.attributes = attributes;
    }
  }

  /// @param changes how many there had been when the webhook was done
  private record Done(Webhook webhook, int changes) {}

  @Override
  public @Nullable ObjectNode mutate(Attributes attributes, Warnings warnings) {
    Way way = new Way(attributes);
    List<Done> done = new ArrayList<>();
    for (Webhook webhook : dispatch.webhooks(attributes)) {
      if (ask(webhook, way, warnings) && webhook.reinvoked()) {
        done.add(new Done(webhook, way.changes));
      }
    }
    for (Done each : done) {
      if (way.changes > each.changes) {
        ask(each.webhook, way, warnings);
      }
    }
    return way.changed;
  }

  /// Whether the webhook was asked.
  private boolean ask(Webhook webhook, Way way, Warnings warnings) {
    long began = System.nanoTime();
    WebhookDispatch.Asked asked = dispatch.ask(webhook, way.attributes, Admission.ADMIT);
    warnings.waited(System.nanoTime() - began);
    if (asked == null) {
      return false;
    }
    WebhookAnswer answer = asked.answer();
    answer.warnings().forEach(warnings::add);
    answer.annotations().forEach(warnings::annotate);
    if (answer.denial() != null) {
      throw answer.denial();
    }
    if (answer.patch() != null && answer.patch().size() > 0) {
      patched(webhook, asked, way);
    }
    return true;
  }

  private void patched(Webhook webhook, WebhookDispatch.Asked asked, Way way) {
    ObjectNode object = way.attributes.object();
    Kind kind = way.attributes.kind();
    ObjectNode seen = AdmissionReview.converted(object, kind, asked.seen());
    if (object == null || seen == null || asked.answer().patch() == null) {
      throw wrong(webhook, "it patches an object that is being deleted", null);
    }
    JsonNode result;
    try {
      result = asked.answer().patch().apply(seen);
    } catch (ApiException e) {
      throw wrong(webhook, "its patch cannot be applied: " + e.getMessage(), e);
    }
    if (!(result instanceof ObjectNode changed)) {
      throw wrong(webhook, "its patch leaves no object", null);
    }
    ObjectNode back = AdmissionReview.converted(changed, asked.seen(), kind);
    if (back == null || !sameType(back, object)) {
      throw wrong(webhook, "its patch changes apiVersion or kind", null);
    }
    preparation.accept(kind, back);
    if (!Json.equal(back, object)) {
      way.changed = back;
      way.changes++;
      way.attributes = way.attributes.withObject(back);
    }
  }

  private static boolean sameType(ObjectNode one, ObjectNode other) {
    return Json.equal(one.get("kind"), other.get("kind"))
        && Json.equal(one.get("apiVersion"), other.get("apiVersion"));
  }

  private static ApiException wrong(Webhook webhook, String what, @Nullable Exception cause) {
    ApiException wrong =
        ApiException.of(
            StatusReason.INTERNAL_ERROR,
            "Internal error occurred: admission webhook \"" + webhook.name() + "\": " + what);
    return cause == null ? wrong : new ApiException(wrong.status(), cause);
  }
}
