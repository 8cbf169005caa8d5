package dev.otherix.controllers.snapshots;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.tasks.TaskOrder;
import dev.otherix.schemas.v1.VM;
import dev.otherix.schemas.v1.VMSnapshot;
import java.time.InstantSource;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// Carries out what people ask of snapshots.
public final class SnapshotActions {
  private static final String TYPE_RESTORE = "vm.restore";

  private final ResourceClient snapshots;
  private final ResourceClient vms;
  private final TaskOrder orders;

  public SnapshotActions(ApiClient client, InstantSource clock) {
    this.snapshots = client.resource(OtherixResources.SNAPSHOTS);
    this.vms = client.resource(OtherixResources.VMS);
    this.orders = new TaskOrder(client, clock);
  }

  /// Has the machine's boot disk be what it was when the snapshot was taken.
  ///
  /// @return the task
  /// @throws ApiException 404 when there is no such snapshot, 409 when it cannot be restored now
  public ObjectNode restore(String name, String user) throws InterruptedException {
    VMSnapshot snapshot = Records.read(snapshots.get(OtherixResources.key(name)), VMSnapshot.class);
    VMSnapshot.Status status = snapshot.status();
    if (status == null
        || status.phase() != VMSnapshot.Phase.READY
        || snapshot.metadata().deleting()) {
      throw refused(name, "it is not ready; see its status");
    }
    String machine = snapshot.spec().vmName();
    ObjectNode object = vms.find(OtherixResources.key(machine)).orElse(null);
    VM vm = object == null ? null : Records.read(object, VM.class);
    if (object == null || vm == null || !vm.metadata().uid().equals(snapshot.spec().vmUID())) {
      throw refused(
          name,
          "its machine "
              + machine
              + " is not there any more; make a new one with spec.sourceSnapshotID "
              + snapshot.metadata().uid());
    }
    String node = vm.spec().nodeName();
    if (node == null || !node.equals(status.node())) {
      throw refused(
          name,
          "it is on node "
              + status.node()
              + " and its machine on "
              + node
              + "; make a new machine with spec.sourceSnapshotID "
              + snapshot.metadata().uid());
    }
    if (!isStopped(vm)) {
      throw refused(
          name, "its machine must be stopped; run: otherixctl vm stop " + machine + " --wait");
    }
    return orders.place(
        TYPE_RESTORE,
        object,
        node,
        user,
        Map.of("snapshot", name, "snapshotUID", snapshot.metadata().uid()));
  }

  private static boolean isStopped(VM vm) {
    VM.Status status = vm.status();
    return vm.spec().powerState() == VM.PowerState.STOPPED
        && status != null
        && status.phase() == VM.Phase.STOPPED;
  }

  private static ApiException refused(String name, String why) {
    return ApiException.conflict(
        OtherixResources.GROUP, "vmsnapshots", name, "cannot restore it: " + why);
  }
}
