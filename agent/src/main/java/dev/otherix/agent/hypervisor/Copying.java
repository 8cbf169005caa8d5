package dev.otherix.agent.hypervisor;

/// How far the copy of a disk is.
public sealed interface Copying {
  /// Nobody began one.
  record None() implements Copying {}

  /// It is being made.
  ///
  /// @param percent that is done, from 0 to 100
  record Going(int percent) implements Copying {}

  /// The target has everything.
  record Done() implements Copying {}

  /// The target is worth nothing.
  record Failed(String why) implements Copying {}
}
