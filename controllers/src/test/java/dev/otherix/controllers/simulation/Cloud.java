package dev.otherix.controllers.simulation;

import java.util.Set;
import java.util.TreeSet;

/// Something outside the server that a controller holds for each parent and must let go of. Its
/// calls can fail and crash as those to the server.
final class Cloud {
  private final FaultGate gate;
  private final Set<String> held = new TreeSet<>();

  Cloud(FaultGate gate) {
    this.gate = gate;
  }

  void acquire(String uid) throws InterruptedException {
    gate.pass(
        "cloud acquire",
        true,
        () -> {
          held.add(uid);
          return uid;
        });
  }

  void release(String uid) throws InterruptedException {
    gate.pass(
        "cloud release",
        true,
        () -> {
          held.remove(uid);
          return uid;
        });
  }

  boolean holds(String uid) {
    return held.contains(uid);
  }

  Set<String> held() {
    return Set.copyOf(held);
  }
}
