package dev.otherix.ctl.replica;

import java.io.IOException;
import java.io.UncheckedIOException;
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

  /// @param name such as `STOP`
  static void signal(Process process, String name) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill -" + name + " of " + process + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
