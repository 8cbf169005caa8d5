package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.patch.JsonPatch;
import dev.otherix.apimachinery.patch.MergePatch;
import dev.otherix.apimachinery.patch.PatchType;
import dev.otherix.apimachinery.schema.JsonPath;
import dev.otherix.apimachinery.schema.Subresources;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Change;
import dev.otherix.apiserver.registry.Reads;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.registry.Written;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.watchcache.Freshness;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `autoscaling/v1 Scale` of kinds that can be scaled: a view on two numbers of the object.
final class ScaleEndpoint {
  private static final String API_VERSION = "autoscaling/v1";

  private final Registry registry;

  ScaleEndpoint(Registry registry) {
    this.registry = registry;
  }

  Answer get(Call call, Target target, Subresources.Scale scale) throws InterruptedException {
    Output.requirePlain(call);
    EncodedObject object = Reads.get(target, Freshness.LATEST, call::requireThread);
    return Output.json(200, view(object.toTree(), scale));
  }

  Answer update(Call call, Target target, Subresources.Scale scale) throws InterruptedException {
    ObjectNode sent = BodyReader.json(call.request().body()).tree();
    requireType(sent);
    UpdateEndpoint.requireSameName(sent, target);
    return write(call, target, scale, _ -> sent);
  }

  Answer patch(Call call, Target target, Subresources.Scale scale) throws InterruptedException {
    PatchType type =
        PatchType.fromContentType(
            call.request().headers().first("content-type"),
            List.of(PatchType.JSON, PatchType.MERGE));
    JsonNode patch = Json.decode(call.request().body(), Limits.REQUEST).tree();
    if (type == PatchType.JSON) {
      JsonPatch operations = JsonPatch.parse(patch);
      return write(call, target, scale, operations::apply);
    }
    return write(call, target, scale, live -> MergePatch.apply(live, patch));
  }

  private Answer write(
      Call call, Target target, Subresources.Scale scale, UnaryOperator<JsonNode> change)
      throws InterruptedException {
    Written written =
        registry.update(target, new Scaling(scale, change), CreateEndpoint.context(call));
    return Output.json(200, view(written.object().toTree(), scale));
  }

  private static void requireType(ObjectNode sent) {
    String kind = sent.path("kind").asString("Scale");
    String apiVersion = sent.path("apiVersion").asString(API_VERSION);
    if (!kind.equals("Scale") || !apiVersion.equals(API_VERSION)) {
      throw ApiException.badRequest(
          "the body must be an autoscaling/v1 Scale, not " + apiVersion + " " + kind);
    }
  }

  private record Scaling(Subresources.Scale scale, UnaryOperator<JsonNode> change)
      implements Change {
    @Override
    public ObjectNode apply(ObjectNode live) {
      if (!(change.apply(view(live, scale)) instanceof ObjectNode wanted)) {
        throw ApiException.badRequest("the patch leaves no Scale; it must not replace the whole");
      }
      JsonNode replicas = wanted.path("spec").get("replicas");
      long number = replicas == null || replicas.isNull() ? 0 : integer(replicas);
      if (number < 0) {
        throw ApiException.invalid(
            "autoscaling",
            "Scale",
            wanted.path("metadata").path("name").asString(""),
            List.of(
                FieldError.invalid(
                    FieldPath.ROOT.child("spec").child("replicas"),
                    replicas,
                    "must be greater than or equal to 0")));
      }
      set(live, scale.specReplicas(), number);
      if (live.get("metadata") instanceof ObjectNode metadata) {
        for (String member : List.of("resourceVersion", "uid")) {
          JsonNode said = wanted.path("metadata").get(member);
          if (said != null && !said.asString("").isEmpty()) {
            metadata.set(member, said);
          }
        }
      }
      return live;
    }
  }

  private static long integer(JsonNode replicas) {
    if (!replicas.isIntegralNumber() || !replicas.canConvertToInt()) {
      throw ApiException.badRequest("spec.replicas must be a whole number, not " + replicas);
    }
    return replicas.intValue();
  }

  private static void set(ObjectNode object, JsonPath path, long value) {
    List<String> names = path.names();
    ObjectNode at = object;
    for (String name : names.subList(0, names.size() - 1)) {
      at = at.get(name) instanceof ObjectNode child ? child : at.putObject(name);
    }
    at.put(names.getLast(), value);
  }

  private static ObjectNode view(ObjectNode object, Subresources.Scale scale) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("apiVersion", API_VERSION).put("kind", "Scale");
    ObjectNode metadata = out.putObject("metadata");
    for (String member :
        List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
      JsonNode value = object.path("metadata").get(member);
      if (value != null) {
        metadata.set(member, value);
      }
    }
    out.putObject("spec").put("replicas", number(scale.specReplicas(), object));
    ObjectNode status = out.putObject("status");
    status.put("replicas", number(scale.statusReplicas(), object));
    JsonPath selector = scale.labelSelector();
    JsonNode text = selector == null ? null : selector.first(object);
    status.put("selector", text == null ? "" : text.asString(""));
    return out;
  }

  private static long number(@Nullable JsonPath path, ObjectNode object) {
    JsonNode value = path == null ? null : path.first(object);
    return value == null ? 0 : value.asLong(0);
  }
}
