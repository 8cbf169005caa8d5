package dev.otherix.controllers.scheduler;

/// Why a node cannot take a machine, in the order in which it is looked at: the further down, the
/// nearer the node came.
public enum RejectionReason {
  OTHER_NODE_ASKED("OtherNodeAsked"),
  SNAPSHOT_ELSEWHERE("SnapshotOnOtherNode"),
  NO_HYPERVISOR("NoHypervisor"),
  NODE_NOT_READY("NodeNotReady"),
  CORDONED("Cordoned"),
  ARCHITECTURE("ArchitectureMismatch"),
  FEATURE("FeatureMissing"),
  NODE_SELECTOR("NodeSelectorMismatch"),
  TAINT("TaintNotTolerated"),
  POOL_NOT_ON_NODE("PoolNotOnNode"),
  POOL_NOT_READY("PoolNotReady"),
  MEMORY_PRESSURE("MemoryPressure"),
  SYSTEM_DISK_PRESSURE("SystemDiskPressure"),
  POOL_PRESSURE("PoolPressure"),
  NETWORK_NOT_READY("NetworkNotReadyOnNode"),
  AFFINITY("AffinityNotMet"),
  ANTI_AFFINITY("AntiAffinityNotMet"),
  SPREAD("SpreadNotMet"),
  CPU("InsufficientCPU"),
  MEMORY("InsufficientMemory"),
  DISK("InsufficientDisk");

  private final String word;

  RejectionReason(String word) {
    this.word = word;
  }

  /// As it stands in conditions.
  public String word() {
    return word;
  }
}
