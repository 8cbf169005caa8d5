package dev.otherix.apiserver.identity;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Storage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Slows down those who guess: counts failures by key (an address, a user) in windows of time, in
/// the store, so that all replicas count together. Success costs nothing and is never throttled by
/// itself. Blocks. Thread-safe.
public final class Throttle {
  private static final String COUNT = "count";
  private static final String UNTIL = "until";

  private final Records records;
  private final int failuresMax;
  private final Duration window;
  private final InstantSource clock;

  /// @param name of what is guessed; throttles with the same name count together
  /// @param failuresMax in one window, after which all attempts with the key are refused
  public Throttle(
      Storage store, String name, int failuresMax, Duration window, InstantSource clock) {
    this.records = new Records(store, "throttle-" + name);
    this.failuresMax = failuresMax;
    this.window = window;
    this.clock = clock;
  }

  /// To be called before any work for an attempt.
  ///
  /// @throws ApiException 429 that says when to come again
  public void admit(String key) {
    Records.Found found = records.find(Tokens.hash(key));
    if (found == null || found.value().path(COUNT).asInt(0) < failuresMax) {
      return;
    }
    Instant until = until(found);
    Instant now = clock.instant();
    if (until != null && until.isAfter(now)) {
      int seconds = Math.toIntExact(Duration.between(now, until).toSeconds()) + 1;
      throw ApiException.tooManyRequests(
          "too many failed attempts; try again in " + seconds + " seconds", seconds);
    }
  }

  /// Counts a failed attempt.
  public void failed(String key) {
    Instant now = clock.instant();
    records.change(
        Tokens.hash(key),
        window.plusSeconds(1),
        record -> {
          String text = record.path(UNTIL).asString("");
          boolean running = !text.isEmpty() && Instant.parse(text).isAfter(now);
          int count = running ? record.path(COUNT).asInt(0) : 0;
          record.put(COUNT, (long) count + 1);
          return record.put(UNTIL, running ? text : now.plus(window).toString());
        });
  }

  private static @Nullable Instant until(Records.Found found) {
    String text = found.value().path(UNTIL).asString("");
    return text.isEmpty() ? null : Instant.parse(text);
  }
}
