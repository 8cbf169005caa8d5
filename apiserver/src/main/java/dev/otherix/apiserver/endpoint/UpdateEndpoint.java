package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Change;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.registry.WriteContext;
import dev.otherix.apiserver.registry.Written;
import dev.otherix.apiserver.request.Call;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Replaces an object, or its status.
final class UpdateEndpoint {
  private final Registry registry;
  private final Output output;

  UpdateEndpoint(Registry registry, Output output) {
    this.registry = registry;
    this.output = output;
  }

  Answer handle(Call call, Target target) throws InterruptedException {
    Output.requireForm(call);
    WriteContext context = CreateEndpoint.context(call);
    ObjectNode object = BodyReader.object(call, target.kind());
    requireSameName(object, target);
    Written written = registry.update(target, new Replacement(target, object), context);
    return output.object(call, written.created() ? 201 : 200, target.version(), written.object());
  }

  static void requireSameName(ObjectNode object, Target target) {
    JsonNode metadata = object.path("metadata");
    String name = metadata.path("name").asString("");
    if (!name.equals(target.name())) {
      throw ApiException.badRequest(
          "the name of the object ("
              + name
              + ") does not match the name on the URL ("
              + target.name()
              + ")");
    }
    String namespace = metadata.path("namespace").asString("");
    if (!namespace.isEmpty() && !namespace.equals(target.namespace())) {
      throw ApiException.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
  }

  /// Takes the place of what is there.
  private record Replacement(Target target, ObjectNode object) implements Change {
    @Override
    public ObjectNode apply(ObjectNode live) {
      ObjectNode copy = object.deepCopy();
      if (!(copy.get("metadata") instanceof ObjectNode metadata)) {
        throw ApiException.badRequest("the object has no metadata");
      }
      if (target.resource().namespaced()) {
        metadata.put("namespace", target.namespace());
      }
      boolean unconditional =
          target.resource().unconditionalUpdate() && !metadata.has("resourceVersion");
      if (unconditional) {
        metadata.set("resourceVersion", live.path("metadata").path("resourceVersion"));
      }
      return copy;
    }
  }
}
