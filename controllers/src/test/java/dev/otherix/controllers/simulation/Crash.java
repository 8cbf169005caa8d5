package dev.otherix.controllers.simulation;

/// The simulated process is gone: no code of it may catch this, as none runs after a kill.
final class Crash extends Error {
  private static final long serialVersionUID = 1L;

  Crash(String where) {
    super(where);
  }
}
