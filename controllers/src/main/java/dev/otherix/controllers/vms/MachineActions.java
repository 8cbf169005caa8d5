package dev.otherix.controllers.vms;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.tasks.TaskOrder;
import dev.otherix.schemas.v1.VM;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Carries out what people ask of machines: sets the power state, and makes the task by which the
/// caller sees how it goes on. A machine that is on no node yet takes what is asked along; its task
/// ends at once.
public final class MachineActions {
  private final ResourceClient vms;
  private final TaskOrder orders;

  public MachineActions(ApiClient client, InstantSource clock) {
    this.vms = client.resource(OtherixResources.VMS);
    this.orders = new TaskOrder(client, clock);
  }

  /// @param user who asks
  /// @return the task
  /// @throws ApiException 404 when there is no such machine, 409 when its state does not allow it
  public ObjectNode perform(Action action, String name, String user) throws InterruptedException {
    ObjectKey key = OtherixResources.key(name);
    ObjectNode seen = vms.get(key);
    Optional<ObjectNode> written = LivePatch.write(vms, seen, "", state -> change(action, state));
    if (written.isEmpty()) {
      throw ApiException.notFound(OtherixResources.GROUP, "vms", name);
    }
    ObjectNode vm = written.get();
    String type = "vm." + action.word();
    return vm.path("spec").has("nodeName")
        ? orders.place(type, vm, vm.at("/spec/nodeName").asString(""), user)
        : orders.place(type, vm, user, Map.of());
  }

  private static Optional<ObjectNode> change(Action action, ObjectNode state) {
    VM vm = Records.read(state, VM.class);
    String refusal = action.refusal(vm);
    if (!refusal.isEmpty()) {
      throw ApiException.conflict(
          OtherixResources.GROUP,
          "vms",
          vm.metadata().name(),
          "cannot " + action.word() + " it: " + refusal);
    }
    VM.PowerState wanted = action.sets();
    if (wanted == null || wanted == vm.spec().powerState()) {
      return Optional.empty();
    }
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("spec").put("powerState", word(wanted));
    return Optional.of(patch);
  }

  private static String word(VM.PowerState state) {
    return switch (state) {
      case RUNNING -> "Running";
      case STOPPED -> "Stopped";
      case PAUSED -> "Paused";
    };
  }
}
