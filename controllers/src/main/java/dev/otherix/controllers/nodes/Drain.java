package dev.otherix.controllers.nodes;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.StatusConditions;
import dev.otherix.controllers.tasks.TaskExecutor;
import dev.otherix.schemas.v1.Task;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Empties a node for maintenance. Machines on local disks cannot move: where the caller agrees
/// they are asked to stop, never forced; otherwise the task fails and names them. The node stays
/// cordoned, however it ends.
public final class Drain implements TaskExecutor {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

  private final ResourceClient nodes;
  private final ResourceClient vms;
  private final InstantSource clock;
  private final Supplier<Integer> timeoutSeconds;

  /// @param timeoutSeconds the cluster's limit, for tasks that name none
  public Drain(ApiClient client, InstantSource clock, Supplier<Integer> timeoutSeconds) {
    this.nodes = client.resource(OtherixResources.NODES);
    this.vms = client.resource(OtherixResources.VMS);
    this.clock = clock;
    this.timeoutSeconds = timeoutSeconds;
  }

  @Override
  public Step run(Task task) throws InterruptedException {
    String node = task.spec().resource().name();
    boolean stop = "true".equals(task.spec().parameters().get("stop"));
    TreeSet<String> left = new TreeSet<>();
    List<ObjectNode> all = on(node);
    for (ObjectNode each : all) {
      if (isOn(each)) {
        left.add(ResourceClient.keyOf(each).name());
        if (stop) {
          LivePatch.write(vms, each, "", Drain::stopped);
        }
      }
    }
    if (left.isEmpty()) {
      undrain(node);
      return new Done(Map.of("remaining", ""));
    }
    Map<String, String> result = Map.of("remaining", String.join(",", left));
    if (!stop) {
      undrain(node);
      return new Failed(
          "machines_cannot_move",
          left.size()
              + " machines run on it from local disks: "
              + String.join(", ", left)
              + "; stop them, or drain with stop=true",
          false,
          result);
    }
    if (clock.instant().isAfter(deadline(task))) {
      undrain(node);
      return new Failed(
          "drain_timeout", "still running: " + String.join(", ", left), false, result);
    }
    return new Later(LOOK_AGAIN, 100 * (all.size() - left.size()) / all.size());
  }

  @Override
  public void cancelled(Task task) throws InterruptedException {
    undrain(task.spec().resource().name());
  }

  private Instant deadline(Task task) {
    String asked = task.spec().parameters().get("timeoutSeconds");
    long seconds = asked == null ? timeoutSeconds.get() : Long.parseLong(asked);
    Time started = task.status() == null ? null : task.status().startedAt();
    Instant from = started == null ? clock.instant() : started.instant();
    return from.plusSeconds(seconds);
  }

  private List<ObjectNode> on(String node) throws InterruptedException {
    return vms.list(ListOptions.ALL.withSelectors("", "spec.nodeName=" + node)).items();
  }

  /// Whether a machine still uses the host: everything that is not known to be stopped.
  private static boolean isOn(ObjectNode vm) {
    Optional<Condition> running = Condition.find(StatusConditions.of(vm), "Running");
    if (running.isEmpty()) {
      return !vm.at("/spec/powerState").asString("").equals("Stopped");
    }
    return switch (running.get().reason()) {
      case "Stopped", "GuestShutdown" -> false;
      // It could not be started, and is not to be: its agent has seen that.
      case "StartFailed", "Crashed" ->
          !vm.at("/spec/powerState").asString("").equals("Stopped")
              || running.get().observedGeneration() < vm.at("/metadata/generation").asLong(0);
      default -> true;
    };
  }

  private static Optional<ObjectNode> stopped(ObjectNode vm) {
    if (vm.at("/spec/powerState").asString("").equals("Stopped")) {
      return Optional.empty();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("spec").put("powerState", "Stopped");
    return Optional.of(patch);
  }

  private void undrain(String name) throws InterruptedException {
    ObjectKey key = OtherixResources.key(name);
    Optional<ObjectNode> node = nodes.find(key);
    if (node.isPresent()) {
      LivePatch.write(
          nodes,
          node.get(),
          "",
          state -> {
            if (!state.at("/spec/draining").asBoolean(false)) {
              return Optional.empty();
            }
            ObjectNode patch = JsonNodeFactory.instance.objectNode();
            patch.putObject("spec").put("draining", false);
            return Optional.of(patch);
          });
    }
  }
}
