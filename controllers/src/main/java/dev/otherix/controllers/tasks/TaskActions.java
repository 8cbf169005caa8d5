package dev.otherix.controllers.tasks;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.LivePatch;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Carries out what people ask of tasks.
public final class TaskActions {
  private final ResourceClient tasks;

  public TaskActions(ApiClient client) {
    this.tasks = client.resource(OtherixResources.TASKS);
  }

  /// Asks who carries it out to stop; a task that has ended stays as it is.
  public ObjectNode cancel(String name) throws InterruptedException {
    ObjectNode seen = tasks.get(OtherixResources.key(name));
    return LivePatch.write(
            tasks,
            seen,
            "",
            state -> {
              boolean ended = state.path("status").has("finishedAt");
              if (ended || state.at("/spec/cancelRequested").asBoolean(false)) {
                return Optional.empty();
              }
              ObjectNode patch = JsonNodeFactory.instance.objectNode();
              patch.putObject("spec").put("cancelRequested", true);
              return Optional.of(patch);
            })
        .orElseThrow(() -> ApiException.notFound(OtherixResources.GROUP, "tasks", name));
  }
}
