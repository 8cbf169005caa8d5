package dev.otherix.agent.machines;

import dev.otherix.agent.images.ImageException;
import dev.otherix.agent.pools.Pools;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.schemas.v1.Port;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// The part of the server's objects that concerns the machines of one node, as a copy that follows.
public final class ServerView implements AutoCloseable {
  private static final Set<String> TERMINAL = Set.of("success", "failed", "cancelled");

  private final ResourceClient vms;
  private final ResourceClient tasks;
  private final ResourceClient snapshots;
  private final Informer vmCopy;
  private final Informer portCopy;
  private final Informer taskCopy;
  private final Informer snapshotCopy;

  public ServerView(ApiClient client, String node) {
    this.vms = client.resource(resource("vms"));
    this.tasks = client.resource(resource("tasks"));
    this.snapshots = client.resource(resource("vmsnapshots"));
    InformerOptions bound = InformerOptions.ALL.withSelectors("", "spec.nodeName=" + node);
    this.vmCopy = new Informer(vms, bound);
    this.taskCopy = new Informer(tasks, bound);
    this.snapshotCopy = new Informer(snapshots, bound);
    this.portCopy = new Informer(client.resource(resource("ports")), bound);
  }

  public static GroupVersionResource resource(String plural) {
    return new GroupVersionResource("otherix", "v1", plural);
  }

  void start() {
    vmCopy.start();
    portCopy.start();
    taskCopy.start();
    snapshotCopy.start();
  }

  boolean synced() {
    return vmCopy.isSynced() && portCopy.isSynced() && taskCopy.isSynced();
  }

  Informer vmCopy() {
    return vmCopy;
  }

  Informer portCopy() {
    return portCopy;
  }

  public Informer taskCopy() {
    return taskCopy;
  }

  /// May stay empty for ever: a server that is older than this agent knows no snapshots.
  Informer snapshotCopy() {
    return snapshotCopy;
  }

  ResourceClient snapshots() {
    return snapshots;
  }

  ResourceClient vms() {
    return vms;
  }

  public ResourceClient tasks() {
    return tasks;
  }

  /// The machine with this very uid.
  Optional<Wanted> vm(String name, String uid) {
    return vmCopy
        .get(ObjectKey.clusterScoped(name))
        .map(Wanted::of)
        .filter(each -> each.uid().equals(uid));
  }

  List<Port> ports(Wanted vm) {
    List<Port> ports = new ArrayList<>();
    for (ObjectNode each : portCopy.all()) {
      Port port = Records.read(each, Port.class);
      boolean owned =
          port.metadata().ownerReferences().stream().anyMatch(o -> o.uid().equals(vm.uid()));
      if (owned && port.spec().vmName().equals(vm.name())) {
        ports.add(port);
      }
    }
    ports.sort(Comparator.comparingInt(each -> each.spec().order()));
    return ports;
  }

  /// Those that are not over, oldest first.
  List<ObjectNode> tasksOf(String uid) {
    List<ObjectNode> open = new ArrayList<>();
    for (ObjectNode each : taskCopy.all()) {
      boolean mine = each.at("/spec/resource/uid").asString("").equals(uid);
      if (mine
          && each.at("/spec/type").asString("").startsWith("vm.")
          && !TERMINAL.contains(each.at("/status/phase").asString(""))) {
        open.add(each);
      }
    }
    open.sort(
        Comparator.comparing(
                (ObjectNode each) -> each.at("/metadata/creationTimestamp").asString(""))
            .thenComparing(each -> each.at("/metadata/name").asString("")));
    return open;
  }

  /// Those of a machine, oldest first.
  List<ObjectNode> snapshotsOf(String vmUid) {
    List<ObjectNode> all = new ArrayList<>();
    for (ObjectNode each : snapshotCopy.all()) {
      if (each.at("/spec/vmUID").asString("").equals(vmUid)) {
        all.add(each);
      }
    }
    all.sort(
        Comparator.comparing(
                (ObjectNode each) -> each.at("/metadata/creationTimestamp").asString(""))
            .thenComparing(each -> each.at("/metadata/name").asString("")));
    return all;
  }

  /// Where the copy of a snapshot is that is ready on this node.
  ///
  /// @throws ImageException when there is no such snapshot
  SnapshotFolder snapshotFolder(String uid, Pools pools) {
    for (ObjectNode each : snapshotCopy.all()) {
      if (each.at("/metadata/uid").asString("").equals(uid)
          && each.at("/status/phase").asString("").equals("ready")) {
        return SnapshotFolder.of(pools.open(each.at("/status/pool").asString("")), uid);
      }
    }
    throw new ImageException(
        ImageException.Reason.UNAVAILABLE,
        "there is no snapshot with the uid " + uid + " that is ready on this node");
  }

  @Override
  public void close() {
    snapshotCopy.close();
    vmCopy.close();
    portCopy.close();
    taskCopy.close();
  }
}
