package dev.otherix.agent.machines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// How long the host has run: a clock that nobody sets, that goes on while the host sleeps, and
/// that outlives the agent.
public interface Uptime {
  Duration sinceBoot();

  /// Changes with each boot.
  String bootId();

  static Uptime ofHost() {
    return new OfHost();
  }

  /// As Linux tells it.
  final class OfHost implements Uptime {
    private static final Path UPTIME = Path.of("/proc/uptime");
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private OfHost() {}

    @Override
    public Duration sinceBoot() {
      String text = read(UPTIME);
      double seconds = Double.parseDouble(text.substring(0, text.indexOf(' ')));
      return Duration.ofMillis((long) (seconds * 1000));
    }

    @Override
    public String bootId() {
      return read(BOOT_ID);
    }

    private static String read(Path file) {
      try {
        return Files.readString(file).strip();
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read", e);
      }
    }
  }
}
