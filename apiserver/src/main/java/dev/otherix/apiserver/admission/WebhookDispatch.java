package dev.otherix.apiserver.admission;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.AdmissionMeter.Part;
import dev.otherix.apiserver.cel.MatchExpression;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What both kinds of webhooks share: which are about a write, and how one is asked. Thread-safe.
public final class WebhookDispatch {
  private static final System.Logger LOG = System.getLogger(WebhookDispatch.class.getName());
  private static final Set<String> CONFIGURATIONS =
      Set.of("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration");

  private final Supplier<List<ObjectNode>> configurations;
  private final Supplier<Kinds> kinds;
  private final Function<String, @Nullable ObjectNode> namespaces;
  private final WebhookClient client;
  private final Supplier<String> uids;
  private final AdmissionMeter meter;

  private record Loaded(
      List<ObjectNode> source,
      IdentityHashMap<ObjectNode, List<Webhook>> read,
      List<Webhook> all) {}

  private volatile Loaded loaded = new Loaded(List.of(), new IdentityHashMap<>(), List.of());

  /// @param configurations the present objects of one kind, each with defaults and never changed;
  ///   the same list while none changes, so that they are compiled once
  /// @param kinds what is served now: for `matchPolicy: Equivalent`
  /// @param namespaces the namespace of a name, or null
  /// @param uids makes a new one for each question
  public WebhookDispatch(
      Supplier<List<ObjectNode>> configurations,
      Supplier<Kinds> kinds,
      Function<String, @Nullable ObjectNode> namespaces,
      WebhookClient client,
      Supplier<String> uids,
      AdmissionMeter meter) {
    this.configurations = configurations;
    this.kinds = kinds;
    this.namespaces = namespaces;
    this.client = client;
    this.uids = uids;
    this.meter = meter;
  }

  /// The webhooks to ask about a write, by the names of their configurations. None about webhook
  /// configurations: a broken one could not be mended.
  List<Webhook> webhooks(Attributes attributes) {
    Kind kind = attributes.kind();
    if (kind.group().equals(WebhookKinds.GROUP) && CONFIGURATIONS.contains(kind.kind())) {
      return List.of();
    }
    List<ObjectNode> source = configurations.get();
    Loaded present = loaded;
    if (!isSame(present.source, source)) {
      present = load(source, present.read);
      loaded = present;
    }
    return present.all;
  }

  @SuppressWarnings("ReferenceEquality") // the contract of `configurations`: comparing would cost
  private static boolean isSame(List<ObjectNode> one, List<ObjectNode> other) {
    return one == other;
  }

  private static Loaded load(
      List<ObjectNode> source, IdentityHashMap<ObjectNode, List<Webhook>> before) {
    List<ObjectNode> sorted = new ArrayList<>(source);
    sorted.sort(Comparator.comparing(WebhookDispatch::name));
    IdentityHashMap<ObjectNode, List<Webhook>> read = new IdentityHashMap<>();
    List<Webhook> all = new ArrayList<>();
    for (ObjectNode configuration : sorted) {
      List<Webhook> known = before.get(configuration);
      try {
        List<Webhook> webhooks = known == null ? Webhook.read(configuration) : known;
        read.put(configuration, webhooks);
        all.addAll(webhooks);
      } catch (IllegalArgumentException e) {
        throw ApiException.of(
            StatusReason.INTERNAL_ERROR,
            "the webhook configuration \""
                + name(configuration)
                + "\" cannot be used, mend or delete it: "
                + e.getMessage());
      }
    }
    return new Loaded(source, read, List.copyOf(all));
  }

  private static String name(ObjectNode configuration) {
    return configuration.path("metadata").path("name").asString("");
  }

  /// What a webhook says to a write.
  ///
  /// @param seen the version in which it saw the object
  record Asked(WebhookAnswer answer, Kind seen) {}

  /// Null when the webhook is not about the write, or could not be asked and that does not matter.
  ///
  /// @param type what kind of webhook it is, for the meter
  /// @throws ApiException when it could not be asked and that does matter
  @Nullable Asked ask(Webhook webhook, Attributes attributes, String type) {
    Kind seen = webhook.wanted(attributes, versions(attributes.kind()));
    if (seen == null || !webhook.selects(attributes) || !selectsNamespace(webhook, attributes)) {
      return null;
    }
    String uid = uids.get();
    ObjectNode request = AdmissionReview.request(attributes, seen, uid);
    try {
      if (!conditionsHold(webhook, request)) {
        return null;
      }
      if (attributes.dryRun() && webhook.sideEffectsOnDryRun()) {
        throw ApiException.badRequest(
            "admission webhook \""
                + webhook.name()
                + "\" does not support dry run: its sideEffects"
                + " are neither None nor NoneOnDryRun");
      }
      Duration timeout = Duration.ofSeconds(webhook.timeoutSeconds());
      String bundle = webhook.client().path("caBundle").asString("");
      URI uri = URI.create(webhook.client().path("url").asString(""));
      long began = System.nanoTime();
      boolean passed = false;
      try {
        ObjectNode review = client.call(uri, bundle, AdmissionReview.of(request), timeout);
        WebhookAnswer answer = WebhookAnswer.read(webhook.name(), uid, review);
        passed = answer.denial() == null;
        return new Asked(answer, seen);
      } finally {
        long nanos = System.nanoTime() - began;
        meter.took(Part.WEBHOOK, webhook.name(), type, attributes.operation(), !passed, nanos);
      }
    } catch (WebhookClient.CallException e) {
      failed(webhook, attributes, e);
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(
          ApiException.of(StatusReason.SERVICE_UNAVAILABLE, "the server is stopping; try again")
              .status(),
          e);
    }
  }

  private static void failed(Webhook webhook, Attributes attributes, Exception why) {
    if (webhook.failClosed()) {
      throw new ApiException(
          ApiException.of(
                  StatusReason.INTERNAL_ERROR,
                  "Internal error occurred: failed calling webhook \""
                      + webhook.name()
                      + "\": "
                      + why.getMessage()
                      + "; mend the webhook, or set its failurePolicy to Ignore")
              .status(),
          why);
    }
    LOG.log(
        Level.WARNING,
        "event=webhook.ignored webhook="
            + webhook.name()
            + " kind="
            + attributes.kind()
            + " name="
            + attributes.name()
            + " reason=\""
            + why.getMessage()
            + "\"");
  }

  private List<Kind> versions(Kind kind) {
    List<Kind> versions = new ArrayList<>();
    for (Kind each : kinds.get().all()) {
      if (each.group().equals(kind.group()) && each.plural().equals(kind.plural())) {
        versions.add(each);
      }
    }
    return versions;
  }

  /// Of a namespace its own labels count; what is in none is always selected.
  private boolean selectsNamespace(Webhook webhook, Attributes attributes) {
    if (webhook.namespaces().isEverything()) {
      return true;
    }
    Kind kind = attributes.kind();
    if (kind.group().isEmpty() && kind.plural().equals("namespaces")) {
      ObjectNode own = attributes.object() == null ? attributes.oldObject() : attributes.object();
      return own != null && webhook.namespaces().matchesObject(own);
    }
    if (attributes.namespace().isEmpty()) {
      return true;
    }
    ObjectNode namespace = namespaces.apply(attributes.namespace());
    if (namespace == null) {
      throw ApiException.notFound("", "namespaces", attributes.namespace());
    }
    return webhook.namespaces().matchesObject(namespace);
  }

  /// One that is false decides; else an error counts as a webhook that cannot be asked.
  private static boolean conditionsHold(Webhook webhook, ObjectNode request)
      throws WebhookClient.CallException {
    String error = "";
    for (Webhook.Condition condition : webhook.conditions()) {
      JsonNode object = request.path("object");
      JsonNode old = request.path("oldObject");
      MatchExpression.Verdict verdict =
          condition
              .expression()
              .matches(
                  request,
                  object instanceof ObjectNode tree ? tree : null,
                  old instanceof ObjectNode tree ? tree : null);
      if (verdict.error().isEmpty() && !verdict.matches()) {
        return false;
      }
      if (error.isEmpty() && !verdict.error().isEmpty()) {
        error = "matchCondition \"" + condition.name() + "\": " + verdict.error();
      }
    }
    if (!error.isEmpty()) {
      throw new WebhookClient.CallException(error);
    }
    return true;
  }
}
