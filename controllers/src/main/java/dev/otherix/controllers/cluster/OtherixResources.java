package dev.otherix.controllers.cluster;

import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;

/// The resources of otherix/v1, and the leases beside them.
public final class OtherixResources {
  public static final String API_VERSION = "otherix/v1";
  public static final String GROUP = "otherix";
  public static final GroupVersionResource VMS = of("vms");
  public static final GroupVersionResource NODES = of("nodes");
  public static final GroupVersionResource NETWORKS = of("networks");
  public static final GroupVersionResource POOLS = of("storagepools");
  public static final GroupVersionResource PORTS = of("ports");
  public static final GroupVersionResource MESH_PEERS = of("meshpeers");
  public static final GroupVersionResource SECURITY_RULES = of("securityrules");
  public static final GroupVersionResource TASKS = of("tasks");
  public static final GroupVersionResource SNAPSHOTS = of("vmsnapshots");
  public static final GroupVersionResource SETTINGS = of("clustersettings");
  public static final GroupVersionResource LEASES =
      new GroupVersionResource("coordination.k8s.io", "v1", "leases");

  /// The namespace of the leases by which agents say that they are there.
  public static final String NODE_LEASES = "otherix-nodes";

  /// Holds a machine that is bound until its agent has removed it from the host.
  public static final String AGENT_FINALIZER = "otherix/agent";

  private OtherixResources() {}

  private static GroupVersionResource of(String plural) {
    return new GroupVersionResource(GROUP, "v1", plural);
  }

  /// Of an object without a namespace.
  public static ObjectKey key(String name) {
    return new ObjectKey("", name);
  }
}
