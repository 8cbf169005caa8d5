package dev.otherix.agent.hypervisor;

/// How far the copy of a disk is.
public sealed interface Copying {
  /// Nobody began one.
  record None() implements Copying {}

  /// It is being made.
  record Going() implements Copying {}

  /// The target has everything.
  record Done() implements Copying {}

  /// The target is worth nothing.
  record Failed(String why) implements Copying {}
}
