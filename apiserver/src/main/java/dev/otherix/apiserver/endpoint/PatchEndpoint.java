package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.patch.JsonPatch;
import dev.otherix.apimachinery.patch.MergePatch;
import dev.otherix.apimachinery.patch.PatchType;
import dev.otherix.apimachinery.patch.StrategicMergePatch;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.endpoint.Options.FieldValidation;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Change;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.registry.WriteContext;
import dev.otherix.apiserver.registry.Written;
import dev.otherix.apiserver.request.Call;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Patches an object, or its status, in the four ways that Kubernetes knows.
final class PatchEndpoint {
  private static final List<PatchType> FOR_ALL =
      List.of(PatchType.JSON, PatchType.MERGE, PatchType.APPLY);
  private static final List<PatchType> FOR_BUILT_IN =
      List.of(PatchType.JSON, PatchType.MERGE, PatchType.STRATEGIC_MERGE, PatchType.APPLY);

  private final Registry registry;
  private final Output output;

  PatchEndpoint(Registry registry, Output output) {
    this.registry = registry;
    this.output = output;
  }

  Answer handle(Call call, Target target) throws InterruptedException {
    Output.requireForm(call);
    PatchType type =
        PatchType.fromContentType(
            call.request().headers().first("content-type"),
            target.resource().strategicMerge() ? FOR_BUILT_IN : FOR_ALL);
    FieldValidation validation = Options.fieldValidation(call.params());
    Change change;
    if (type == PatchType.APPLY) {
      requireManager(call);
      change = apply(call, target, validation);
    } else {
      refuseForce(call);
      change = patch(call, target, type, validation);
    }
    WriteContext context = CreateEndpoint.context(call);
    Written written = registry.update(target, change, context);
    return output.object(call, written.created() ? 201 : 200, target.version(), written.object());
  }

  private static void requireManager(Call call) {
    if (call.params().text("fieldManager").isEmpty()) {
      Options.refuse(
          "PatchOptions",
          List.of(
              FieldError.required(
                  FieldPath.ROOT.child("fieldManager"), "is required for apply patch")));
    }
  }

  private static void refuseForce(Call call) {
    if (call.params().has("force")) {
      Options.refuse(
          "PatchOptions",
          List.of(
              FieldError.forbidden(
                  FieldPath.ROOT.child("force"), "may not be specified for non-apply patch")));
    }
  }

  private Change apply(Call call, Target target, FieldValidation validation) {
    BodyReader.Sent sent = BodyReader.yaml(call.request().body());
    ObjectNode configuration = sent.tree();
    ObjectNode pruned = configuration.deepCopy();
    List<String> problems = new ArrayList<>();
    sent.duplicates().forEach(path -> problems.add("duplicate field \"" + path + "\""));
    List<FieldPath> unknown = AppliedConfiguration.prune(pruned, target.kind());
    unknown.forEach(path -> problems.add("unknown field \"" + path + "\""));
    switch (validation) {
      case IGNORE -> {}
      case WARN -> problems.forEach(call.warnings()::add);
      case STRICT -> {
        if (!problems.isEmpty()) {
          throw ApiException.badRequest(BodyReader.strict(problems));
        }
      }
    }
    return new AppliedConfiguration(
        target,
        pruned,
        registry.writer(target.version(), target.subresource(), CreateEndpoint.context(call)),
        call.params().text("force").equals("true"));
  }

  private static Change patch(
      Call call, Target target, PatchType type, FieldValidation validation) {
    Json.Decoded decoded = Json.decode(call.request().body(), Limits.REQUEST);
    List<String> duplicates = new ArrayList<>();
    decoded.duplicates().forEach(path -> duplicates.add("duplicate field \"" + path + "\""));
    if (validation == FieldValidation.STRICT && !duplicates.isEmpty()) {
      throw strict(decoded.tree(), duplicates);
    }
    if (validation == FieldValidation.WARN) {
      duplicates.forEach(call.warnings()::add);
    }
    if (type == PatchType.JSON) {
      JsonPatch patch = JsonPatch.parse(decoded.tree());
      return new Patched(call, target, decoded.tree(), validation, patch::apply);
    }
    if (!(decoded.tree() instanceof ObjectNode patch)) {
      throw ApiException.badRequest("the patch must be a JSON object");
    }
    return type == PatchType.MERGE
        ? new Patched(call, target, patch, validation, live -> MergePatch.apply(live, patch))
        : new Patched(
            call,
            target,
            patch,
            validation,
            live -> StrategicMergePatch.apply((ObjectNode) live, patch, target.kind().schema()));
  }

  private static ApiException strict(JsonNode patch, List<String> problems) {
    return ApiException.invalid(
        "",
        "",
        "",
        List.of(
            FieldError.invalid(
                FieldPath.ROOT.child("patch"),
                StringNode.valueOf(patch.toString()),
                BodyReader.strict(problems))));
  }

  @FunctionalInterface
  private interface Transformation {
    JsonNode apply(JsonNode live);
  }

  private record Patched(
      Call call,
      Target target,
      JsonNode patch,
      FieldValidation validation,
      Transformation transformation)
      implements Change {
    @Override
    public ObjectNode apply(ObjectNode live) {
      Kind kind = target.kind();
      if (!(transformation.apply(live) instanceof ObjectNode object)) {
        throw ApiException.of(
            StatusReason.INVALID, "the patch leaves no object; it must not replace the whole");
      }
      BodyReader.requireType(object, kind);
      List<String> unknown = new ArrayList<>();
      BodyReader.unknown(object, kind)
          .forEach(path -> unknown.add("unknown field \"" + path + "\""));
      UpdateEndpoint.requireSameName(object, target);
      switch (validation) {
        case IGNORE -> {}
        case WARN -> unknown.forEach(call.warnings()::add);
        case STRICT -> {
          if (!unknown.isEmpty()) {
            throw strict(patch, unknown);
          }
        }
      }
      return object;
    }
  }
}
