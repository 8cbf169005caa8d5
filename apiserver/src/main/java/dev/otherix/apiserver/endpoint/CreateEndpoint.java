package dev.otherix.apiserver.endpoint;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.WriteContext;
import dev.otherix.apiserver.request.Call;
import tools.jackson.databind.node.ObjectNode;

/// Creates an object.
final class CreateEndpoint {
  private final Registry registry;
  private final Output output;

  CreateEndpoint(Registry registry, Output output) {
    this.registry = registry;
    this.output = output;
  }

  Answer handle(Call call, Resource.Version version) {
    Output.requireForm(call);
    WriteContext context = context(call);
    ObjectNode object = BodyReader.object(call, version.kind());
    return output.object(
        call, 201, version, registry.create(version, call.route().namespace(), object, context));
  }

  static WriteContext context(Call call) {
    return new WriteContext(
        call.caller(), Options.fieldManager(call), Options.dryRun(call.params()), call.warnings());
  }
}
