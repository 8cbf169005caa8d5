package dev.otherix.apiserver.watchcache;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;

/// How a [WatchCache] runs.
///
/// @param prefix what it holds, such as `/vms/`
/// @param pageEntries how many entries one request to the store loads
/// @param ringEventsMin how many changes are kept whatever their age
/// @param ringEventsMax how many changes are kept at most
/// @param ringBytesMax how many bytes the former items of kept changes may have
/// @param historyAge how long changes are kept, within these bounds
/// @param snapshotsMax how many former states are kept, so that pages and reads at a former
///   revision need no store
/// @param snapshotAge how long they are kept
/// @param bookmarkEvery how often a watch that asked for bookmarks gets one
/// @param waitMax how long a request waits until the cache is loaded, or as fresh as it wants
/// @param backoff how long to wait after so many failures in a row of the store
public record CacheOptions(
    String prefix,
    int pageEntries,
    int ringEventsMin,
    int ringEventsMax,
    long ringBytesMax,
    Duration historyAge,
    int snapshotsMax,
    Duration snapshotAge,
    Duration bookmarkEvery,
    Duration waitMax,
    IntFunction<Duration> backoff,
    InstantSource clock) {
  private static final long BACKOFF_MILLIS_MIN = 50;
  private static final int BACKOFF_DOUBLINGS_MAX = 7;

  public CacheOptions {
    if (ringEventsMin < 1 || ringEventsMax < ringEventsMin || pageEntries < 1) {
      throw new IllegalArgumentException(
          "a ring has at least 1 event and its maximum is not below; a page has at least 1 entry");
    }
  }

  public static CacheOptions of(String prefix) {
    return new CacheOptions(
        prefix,
        10_000,
        100,
        102_400,
        64L << 20,
        Duration.ofMinutes(5),
        1_000,
        Duration.ofSeconds(75),
        Duration.ofSeconds(60),
        Duration.ofSeconds(3),
        CacheOptions::doubling,
        InstantSource.system());
  }

  /// 50 ms to 6.4 s, each a random half to whole of it.
  private static Duration doubling(int failures) {
    long millis = BACKOFF_MILLIS_MIN << Math.min(failures - 1, BACKOFF_DOUBLINGS_MAX);
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
  }

  public CacheOptions withPageEntries(int entries) {
    return new CacheOptions(
        prefix,
        entries,
        ringEventsMin,
        ringEventsMax,
        ringBytesMax,
        historyAge,
        snapshotsMax,
        snapshotAge,
        bookmarkEvery,
        waitMax,
        backoff,
        clock);
  }

  public CacheOptions withRing(int eventsMin, int eventsMax, long bytesMax, Duration age) {
    return new CacheOptions(
        prefix,
        pageEntries,
        eventsMin,
        eventsMax,
        bytesMax,
        age,
        snapshotsMax,
        snapshotAge,
        bookmarkEvery,
        waitMax,
        backoff,
        clock);
  }

  public CacheOptions withSnapshots(int max, Duration age) {
    return new CacheOptions(
        prefix,
        pageEntries,
        ringEventsMin,
        ringEventsMax,
        ringBytesMax,
        historyAge,
        max,
        age,
        bookmarkEvery,
        waitMax,
        backoff,
        clock);
  }

  public CacheOptions withBookmarkEvery(Duration every) {
    return new CacheOptions(
        prefix,
        pageEntries,
        ringEventsMin,
        ringEventsMax,
        ringBytesMax,
        historyAge,
        snapshotsMax,
        snapshotAge,
        every,
        waitMax,
        backoff,
        clock);
  }

  /// For tests: waits and clock of their own.
  public CacheOptions withTimes(
      Duration waitMax, IntFunction<Duration> backoff, InstantSource clock) {
    return new CacheOptions(
        prefix,
        pageEntries,
        ringEventsMin,
        ringEventsMax,
        ringBytesMax,
        historyAge,
        snapshotsMax,
        snapshotAge,
        bookmarkEvery,
        waitMax,
        backoff,
        clock);
  }
}
