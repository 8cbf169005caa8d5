package dev.otherix.agent.machines;

import dev.otherix.agent.state.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// How long ago the server last heard of this node, and with that which machines may run: those
/// that may be made anew elsewhere only for the time that the node promised. The time counts from
/// the beginning of the last renewal that succeeded, so that the server, which counts from when it
/// arrived, always waits longer. It outlives the agent, not the host. Thread-safe.
public final class Fence {
  private final Path file;
  private final Uptime uptime;
  private final IntSupplier limitSeconds;
  private final BooleanSupplier guard;
  private volatile @Nullable Duration renewed;

  private Fence(
      Path file,
      Uptime uptime,
      IntSupplier limitSeconds,
      BooleanSupplier guard,
      @Nullable Duration renewed) {
    this.file = file;
    this.uptime = uptime;
    this.limitSeconds = limitSeconds;
    this.guard = guard;
    this.renewed = renewed;
  }

  /// @param folder of the agent
  /// @param limitSeconds as the cluster's settings have it
  /// @param guard has somebody keep the promises when the agent cannot, and tells whether that one
  ///   is there
  public static Fence open(
      Path folder, Uptime uptime, IntSupplier limitSeconds, BooleanSupplier guard)
      throws IOException {
    Path file = folder.resolve("renewed");
    return new Fence(file, uptime, limitSeconds, guard, read(file, uptime.bootId()));
  }

  private static @Nullable Duration read(Path file, String bootId) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    String[] words = Files.readString(file).strip().split(" ");
    return words.length == 2 && words[0].equals(bootId)
        ? Duration.ofMillis(Long.parseLong(words[1]))
        : null;
  }

  /// The moment, for [#renewed].
  public Duration now() {
    return uptime.sinceBoot();
  }

  /// @param begun when the renewal began that has succeeded
  public void renewed(Duration begun) {
    String text = uptime.bootId() + " " + begun.toMillis() + "\n";
    try {
      DurableFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("the time of the heartbeat cannot be written", e);
    }
    renewed = begun;
  }

  /// What a machine that may be made anew elsewhere is to be promised now.
  int limitSeconds() {
    return limitSeconds.getAsInt();
  }

  /// Whether promises are kept also without the agent.
  boolean isGuarded() {
    return guard.getAsBoolean();
  }

  /// Whether a machine with this promise may run; one without any always may.
  boolean allows(@Nullable Integer promisedSeconds) {
    if (promisedSeconds == null) {
      return true;
    }
    Duration last = renewed;
    return last != null && now().minus(last).compareTo(Duration.ofSeconds(promisedSeconds)) < 0;
  }
}
