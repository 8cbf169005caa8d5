package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.status.Status;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.registry.Deleted;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.request.Call;

/// Deletes one object.
final class DeleteEndpoint {
  private final Registry registry;
  private final Output output;

  DeleteEndpoint(Registry registry, Output output) {
    this.registry = registry;
    this.output = output;
  }

  Answer handle(Call call, Target target) throws InterruptedException {
    Output.requireForm(call);
    DeleteRequest request = DeleteRequest.read(call);
    Deleted deleted = registry.delete(target, request.options(), request.context(call));
    if (!deleted.gone()) {
      return output.object(call, 200, target.version(), deleted.object());
    }
    Resource resource = target.resource();
    return Output.status(
        Status.success(
            Status.Details.of(resource.group(), resource.plural(), target.name())
                .withUid(deleted.uid())));
  }
}
