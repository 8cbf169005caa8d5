package dev.otherix.controllers.tasks;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.EventRecorder;
import java.time.InstantSource;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes tasks, and tells of each at the object that it is about.
public final class TaskOrder {
  private static final int NAME_PREFIX_MAX = 200;

  private final ResourceClient tasks;
  private final EventRecorder events;

  public TaskOrder(ApiClient client, InstantSource clock) {
    this.tasks = client.resource(OtherixResources.TASKS);
    this.events = new EventRecorder(client, "otherix-tasks", clock);
  }

  /// A task that a node's agent carries out.
  ///
  /// @param about the very object that it is about
  public ObjectNode place(String type, ObjectNode about, String node, String user)
      throws InterruptedException {
    return create(type, about, node, user, Map.of());
  }

  /// The same, of what the agent needs to know.
  public ObjectNode place(
      String type, ObjectNode about, String node, String user, Map<String, String> parameters)
      throws InterruptedException {
    return create(type, about, node, user, parameters);
  }

  /// A task that the control plane carries out.
  public ObjectNode place(
      String type, ObjectNode about, String user, Map<String, String> parameters)
      throws InterruptedException {
    return create(type, about, "", user, parameters);
  }

  private ObjectNode create(
      String type, ObjectNode about, String node, String user, Map<String, String> parameters)
      throws InterruptedException {
    String name = ResourceClient.keyOf(about).name();
    String prefix = type.substring(type.indexOf('.') + 1).replace('_', '-') + "-" + name;
    ObjectNode task = JsonNodeFactory.instance.objectNode();
    task.put("apiVersion", OtherixResources.API_VERSION).put("kind", "Task");
    task.putObject("metadata")
        .put("generateName", prefix.substring(0, Math.min(prefix.length(), NAME_PREFIX_MAX)) + "-");
    ObjectNode spec = task.putObject("spec").put("type", type);
    spec.putObject("resource")
        .put("kind", about.path("kind").asString(""))
        .put("name", name)
        .put("uid", about.at("/metadata/uid").asString(""));
    if (!node.isEmpty()) {
      spec.put("nodeName", node);
    }
    if (!parameters.isEmpty()) {
      ObjectNode given = spec.putObject("parameters");
      parameters.forEach(given::put);
    }
    spec.put("createdBy", user);
    ObjectNode made = tasks.create(task);
    events.normal(
        about,
        "TaskRequested",
        type + " by " + user + ", task " + ResourceClient.keyOf(made).name());
    return made;
  }
}
