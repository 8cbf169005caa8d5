package dev.otherix.ctl.replica;

import java.util.concurrent.TimeUnit;

/// Ends processes of tests.
final class Processes {
  private static final int END_MAX_SECONDS = 30;

  private Processes() {}

  /// As by `kill -9`; returns when it is gone.
  static void kill(Process process) {
    try {
      if (!process.destroyForcibly().waitFor(END_MAX_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(process + " does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
