package dev.otherix.agent.hypervisor;

/// What a machine is doing.
public enum Power {
  RUNNING,

  /// Its processors are held: somebody paused it, it was just started, or a disk failed.
  PAUSED,

  /// The guest shut down by itself or because the power button was pressed. Its process may still
  /// be there and has to be ended.
  SHUT_DOWN,

  /// Nothing of it runs, and the guest had not shut down.
  GONE
}
