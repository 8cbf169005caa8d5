package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apiserver.registry.DeleteOptions;
import dev.otherix.apiserver.registry.DeleteOptions.Propagation;
import dev.otherix.apiserver.registry.Preconditions;
import dev.otherix.apiserver.registry.WriteContext;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.request.Params;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// What a DELETE says besides the path: in its body, or without one in its query.
record DeleteRequest(DeleteOptions options, boolean dryRun) {
  private static final String KIND = "DeleteOptions";
  private static final List<String> POLICIES = List.of("Background", "Foreground", "Orphan");

  WriteContext context(Call call) {
    return new WriteContext(call.caller(), Options.fieldManager(call), dryRun, call.warnings());
  }

  /// @throws ApiException 400 or 422
  static DeleteRequest read(Call call) {
    if (call.request().body().length == 0) {
      return ofQuery(call.params());
    }
    ObjectNode body = BodyReader.deleteOptions(call);
    String kind = body.path("kind").asString("");
    if (!kind.isEmpty() && !kind.equals(KIND)) {
      throw ApiException.badRequest(
          "the body of a DELETE is of kind DeleteOptions, not " + kind + "; or leave it out");
    }
    JsonNode preconditions = body.path("preconditions");
    List<String> dryRun = new ArrayList<>(call.params().all("dryRun"));
    for (JsonNode value : body.path("dryRun")) {
      dryRun.add(value.asString(""));
    }
    return of(
        new Preconditions(
            preconditions.path("uid").asString(""),
            preconditions.path("resourceVersion").asString("")),
        body.path("propagationPolicy").asString(""),
        body.get("orphanDependents"),
        dryRun);
  }

  private static DeleteRequest ofQuery(Params params) {
    String orphan = params.text("orphanDependents");
    if (params.has("gracePeriodSeconds")) {
      Options.number("gracePeriodSeconds", params.text("gracePeriodSeconds"));
    }
    return of(
        Preconditions.NONE,
        params.text("propagationPolicy"),
        orphan.isEmpty() ? null : BooleanNode.valueOf(orphan.equals("true") || orphan.equals("1")),
        params.all("dryRun"));
  }

  private static DeleteRequest of(
      Preconditions preconditions,
      String policy,
      @Nullable JsonNode orphanDependents,
      List<String> dryRun) {
    FieldPath at = FieldPath.ROOT.child("propagationPolicy");
    boolean orphanSaid = orphanDependents != null && !orphanDependents.isNull();
    if (!policy.isEmpty() && orphanSaid) {
      Options.refuse(
          KIND,
          List.of(
              FieldError.invalid(
                  at,
                  StringNode.valueOf(policy),
                  "orphanDependents and deletionPropagation cannot be both set")));
    }
    if (!policy.isEmpty() && !POLICIES.contains(policy)) {
      Options.refuse(
          KIND, List.of(FieldError.notSupported(at, StringNode.valueOf(policy), POLICIES)));
    }
    Propagation propagation = null;
    if (orphanSaid && orphanDependents != null) {
      propagation = orphanDependents.asBoolean(false) ? Propagation.ORPHAN : Propagation.BACKGROUND;
    }
    for (Propagation each : Propagation.values()) {
      if (each.wireName().equals(policy)) {
        propagation = each;
      }
    }
    return new DeleteRequest(
        new DeleteOptions(preconditions, propagation), Options.dryRun(dryRun, KIND));
  }
}
