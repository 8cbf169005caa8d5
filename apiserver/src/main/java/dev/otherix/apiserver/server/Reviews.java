package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.auth.Authorizer;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.builtin.BuiltinKinds;
import dev.otherix.apiserver.endpoint.Questions;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Peer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.request.Call;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Answers who somebody is and what he may do, with the same authentication and authorization that
/// requests pass.
final class Reviews {
  private static final String AUTHENTICATION = "authentication.k8s.io";
  private static final String AUTHORIZATION = "authorization.k8s.io";

  private final List<Authenticator> ways;
  private final Authorizer authorizer;

  Reviews(List<Authenticator> ways, Authorizer authorizer) {
    this.ways = List.copyOf(ways);
    this.authorizer = authorizer;
  }

  /// The questions, as far as `kinds` has them.
  Questions questions(Kinds kinds) {
    Questions out = Questions.NONE;
    out = with(out, kinds, AUTHENTICATION, "SelfSubjectReview", this::whoAmI);
    out = with(out, kinds, AUTHENTICATION, "TokenReview", this::whoseToken);
    out = with(out, kinds, AUTHORIZATION, "SelfSubjectAccessReview", this::mayI);
    out = with(out, kinds, AUTHORIZATION, "SubjectAccessReview", this::mayThey);
    out = with(out, kinds, AUTHORIZATION, "LocalSubjectAccessReview", this::mayThey);
    return with(out, kinds, AUTHORIZATION, "SelfSubjectRulesReview", this::whatMayI);
  }

  private static Questions with(
      Questions to, Kinds kinds, String group, String name, Questions.Oracle oracle) {
    Kind kind = kinds.kind(group, "v1", name).orElse(null);
    return kind == null ? to : to.with(kind, BuiltinKinds.rules(kind), oracle);
  }

  private void whoAmI(Call call, ObjectNode review) {
    write(call.caller(), review.putObject("status").putObject("userInfo"));
  }

  private void whoseToken(Call call, ObjectNode review) {
    ObjectNode status = review.putObject("status");
    String token = review.path("spec").path("token").asString("");
    Request asIfSent =
        new Request(
            "GET",
            "/",
            "",
            Headers.of("authorization", "Bearer " + token),
            new byte[0],
            // Who asks says nothing about whose token it is.
            new Peer("review", List.of(), null),
            false,
            true);
    List<String> audiences = new ArrayList<>();
    review.path("spec").path("audiences").forEach(each -> audiences.add(each.asString("")));
    Authenticator.Reviewed found = null;
    try {
      for (Authenticator way : ways) {
        found = found == null ? way.review(asIfSent, audiences) : found;
      }
    } catch (ApiException e) {
      status.put("error", e.status().message());
    }
    status.put("authenticated", found != null);
    if (found != null) {
      write(Authentication.known(found.caller()), status.putObject("user"));
      if (!audiences.isEmpty()) {
        found.audiences().forEach(status.putArray("audiences")::add);
      }
    }
  }

  private void mayI(Call call, ObjectNode review) {
    decide(call.caller(), review);
  }

  private void mayThey(Call call, ObjectNode review) {
    JsonNode spec = review.path("spec");
    List<String> groups = new ArrayList<>();
    spec.path("groups").forEach(each -> groups.add(each.asString("")));
    Map<String, List<String>> extra = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : spec.path("extra").properties()) {
      List<String> values = new ArrayList<>();
      each.getValue().forEach(value -> values.add(value.asString("")));
      extra.put(each.getKey(), values);
    }
    String user = spec.path("user").asString("");
    decide(new Caller(user, spec.path("uid").asString(""), groups, extra), review);
  }

  private void decide(Caller caller, ObjectNode review) {
    Authorizer.Decision decision = authorizer.decide(caller, permission(review.path("spec")));
    ObjectNode status = review.putObject("status");
    status.put("allowed", decision.allowed());
    if (!decision.reason().isEmpty()) {
      status.put("reason", decision.reason());
    }
  }

  private static Permission permission(JsonNode spec) {
    JsonNode path = spec.get("nonResourceAttributes");
    if (path != null) {
      return new Permission(text(path, "verb"), "", "", "", "", "", "", text(path, "path"));
    }
    JsonNode resource = spec.path("resourceAttributes");
    return new Permission(
        text(resource, "verb"),
        text(resource, "group"),
        text(resource, "version"),
        text(resource, "resource"),
        text(resource, "subresource"),
        text(resource, "namespace"),
        text(resource, "name"),
        "");
  }

  private static String text(@Nullable JsonNode object, String member) {
    return object == null ? "" : object.path(member).asString("");
  }

  /// Rules can be listed only for those who may do everything; for others the answer says that it
  /// is not the whole.
  private void whatMayI(Call call, ObjectNode review) {
    ObjectNode status = review.putObject("status");
    boolean everything = call.caller().in(Caller.MASTERS);
    ArrayNode resources = status.putArray("resourceRules");
    ArrayNode paths = status.putArray("nonResourceRules");
    if (everything) {
      ObjectNode rule = resources.addObject();
      rule.putArray("verbs").add("*");
      rule.putArray("apiGroups").add("*");
      rule.putArray("resources").add("*");
      ObjectNode path = paths.addObject();
      path.putArray("verbs").add("*");
      path.putArray("nonResourceURLs").add("*");
    } else {
      status.put("evaluationError", "this server decides requests one by one; ask for each");
    }
    status.put("incomplete", !everything);
  }

  private static void write(Caller caller, ObjectNode into) {
    into.put("username", caller.name());
    if (!caller.uid().isEmpty()) {
      into.put("uid", caller.uid());
    }
    ArrayNode groups = into.putArray("groups");
    caller.groups().forEach(groups::add);
    if (!caller.extra().isEmpty()) {
      ObjectNode extra = into.putObject("extra");
      caller.extra().forEach((key, values) -> values.forEach(extra.putArray(key)::add));
    }
  }
}
