package dev.otherix.controllers.access;

import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.identity.ServiceAccountTokens;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What a POST to `serviceaccounts/NAME/token` does: a TokenRequest in, the same with a token out.
final class TokenRequests {
  private static final String GROUP = "authentication.k8s.io";
  private static final String KIND = "TokenRequest";
  private static final String VERSION = GROUP + "/v1";
  private static final long SECONDS_DEFAULT = 3600;
  private static final long SECONDS_MIN = 600;
  private static final long SECONDS_MAX = 1L << 32;
  private static final int AUDIENCES_MAX = 16;

  private final ServiceAccountTokens tokens;
  private final InstantSource clock;

  TokenRequests(ServiceAccountTokens tokens, InstantSource clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  ObjectNode answer(Call call, Target target, ObjectNode body) throws InterruptedException {
    requireKind(body);
    CacheItem item = target.resource().find(target.namespace(), target.name());
    if (item == null) {
      throw ApiException.notFound("", ServiceAccounts.RESOURCE, target.name());
    }
    String uid = item.object().toTree().at("/metadata/uid").asString("");
    JsonNode spec = body.path("spec");
    List<FieldError> errors = new ArrayList<>();
    List<String> audiences = audiences(spec, errors);
    long seconds = seconds(spec, errors);
    refuseBinding(spec, errors);
    if (!errors.isEmpty()) {
      throw ApiException.invalid(GROUP, KIND, target.name(), errors);
    }
    ServiceAccountTokens.Issued issued =
        tokens.issue(
            target.namespace(), target.name(), uid, audiences, Duration.ofSeconds(seconds));
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("apiVersion", VERSION).put("kind", KIND);
    out.putObject("metadata")
        .put("name", target.name())
        .put("namespace", target.namespace())
        .put(
            "creationTimestamp",
            new Time(clock.instant().truncatedTo(ChronoUnit.SECONDS)).toString());
    ObjectNode asked = out.putObject("spec").put("expirationSeconds", seconds);
    audiences.forEach(asked.putArray("audiences")::add);
    asked.putNull("boundObjectRef");
    out.putObject("status")
        .put("token", issued.text())
        .put("expirationTimestamp", new Time(issued.expires()).toString());
    return out;
  }

  private static void requireKind(ObjectNode body) {
    String version = body.path("apiVersion").asString(VERSION);
    String kind = body.path("kind").asString(KIND);
    if (!version.equals(VERSION) || !kind.equals(KIND)) {
      throw ApiException.badRequest(
          "the body is a " + kind + " of " + version + "; it must be a " + KIND + " of " + VERSION);
    }
  }

  private static List<String> audiences(JsonNode spec, List<FieldError> errors) {
    List<String> audiences = new ArrayList<>();
    for (JsonNode each : spec.path("audiences")) {
      audiences.add(each.asString(""));
    }
    if (audiences.size() > AUDIENCES_MAX || audiences.contains("")) {
      errors.add(
          FieldError.invalid(
              FieldPath.ROOT.child("spec").child("audiences"),
              spec.get("audiences"),
              "must be at most " + AUDIENCES_MAX + " texts that are not empty"));
    }
    return audiences.isEmpty() ? List.of(Authenticator.SERVER) : audiences;
  }

  private static long seconds(JsonNode spec, List<FieldError> errors) {
    JsonNode value = spec.path("expirationSeconds");
    if (value.isMissingNode() || value.isNull()) {
      return SECONDS_DEFAULT;
    }
    long seconds = value.isIntegralNumber() && value.canConvertToLong() ? value.asLong() : 0;
    if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) {
      errors.add(
          FieldError.invalid(
              FieldPath.ROOT.child("spec").child("expirationSeconds"),
              value,
              "must be a whole number from " + SECONDS_MIN + " to " + SECONDS_MAX));
    }
    return seconds;
  }

  private static void refuseBinding(JsonNode spec, List<FieldError> errors) {
    JsonNode bound = spec.path("boundObjectRef");
    if (!bound.isMissingNode() && !bound.isNull()) {
      errors.add(
          FieldError.invalid(
              FieldPath.ROOT.child("spec").child("boundObjectRef"),
              bound,
              "tokens are bound to their account only; leave it out"));
    }
  }
}
