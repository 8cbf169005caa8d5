package dev.otherix.controllers.simulation;

import dev.otherix.apimachinery.client.ConnectionException;
import java.util.Random;

/// What every call of the simulated process passes: others act before it and before its answer
/// comes, and it may be lost, done twice, or be the last thing that the process does.
final class FaultGate {
  private static final int DEPTH_MAX = 2;

  private final Random random;
  private final Interleaving others;
  private boolean open;
  private int depth;

  /// Lets somebody else act.
  @FunctionalInterface
  interface Interleaving {
    void act() throws InterruptedException;
  }

  @FunctionalInterface
  interface Call<T> {
    T make() throws InterruptedException;
  }

  FaultGate(Random random, Interleaving others) {
    this.random = random;
    this.others = others;
  }

  /// From now on nothing goes wrong.
  void heal() {
    open = true;
  }

  /// @param changes whether a second time matters
  <T> T pass(String what, boolean changes, Call<T> call) throws InterruptedException {
    if (open) {
      return call.make();
    }
    letOthersAct();
    switch (random.nextInt(60)) {
      case 0 -> throw new Crash("before " + what);
      case 1, 2 -> throw new ConnectionException("simulated: not sent: " + what, false);
      default -> {}
    }
    T result = call.make();
    // The answer takes its time: what it says may be old when it arrives.
    letOthersAct();
    switch (random.nextInt(60)) {
      case 0 -> throw new Crash("after " + what);
      case 1, 2 -> throw new ConnectionException("simulated: no answer: " + what, changes);
      case 3 -> result = changes ? call.make() : result;
      default -> {}
    }
    return result;
  }

  private void letOthersAct() throws InterruptedException {
    if (depth >= DEPTH_MAX || random.nextBoolean()) {
      return;
    }
    depth++;
    try {
      for (int left = 1 + random.nextInt(3); left > 0; left--) {
        others.act();
      }
    } finally {
      depth--;
    }
  }
}
