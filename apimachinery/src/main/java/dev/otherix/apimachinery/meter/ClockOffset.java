package dev.otherix.apimachinery.meter;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// How far our clock is ahead of somebody else's, by the times that he writes into what we read.
/// The way here only adds to it, so the smallest of the last few is nearest. Thread-safe.
public final class ClockOffset {
  /// Beyond it people are told.
  public static final Duration MAX = Duration.ofSeconds(2);

  /// That many late messages in a row look like a wrong clock.
  static final int SAMPLES = 4;

  private final Deque<Duration> last = new ArrayDeque<>();

  /// @param told the time that he wrote
  /// @param here ours when we read it
  public synchronized void heard(Instant told, Instant here) {
    last.addLast(Duration.between(told, here));
    if (last.size() > SAMPLES) {
      last.removeFirst();
    }
  }

  /// Null until enough was heard.
  public synchronized @Nullable Duration value() {
    return last.size() < SAMPLES ? null : last.stream().min(Duration::compareTo).orElse(null);
  }

  /// Whether one of the two clocks is wrong.
  public boolean isWrong() {
    Duration now = value();
    return now != null && now.abs().compareTo(MAX) > 0;
  }
}
