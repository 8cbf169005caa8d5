package dev.otherix.apiserver.watchcache;

import org.jspecify.annotations.Nullable;

/// One change of one key as the ring keeps it: with the former item, so that each filter can tell
/// whether the item came into its view or left it. At least one of the two is there. Immutable.
final class Change {
  /// What a change costs besides its items.
  private static final long OVERHEAD_BYTES = 128;

  /// Its place in the ring's endless sequence.
  final long sequence;

  final long revision;
  final long atMillis;
  final @Nullable CacheItem former;
  final @Nullable CacheItem current;

  /// What a watcher sees in whose view it happened; made once for all of them.
  private final WatchEvent event;

  Change(
      long sequence,
      long revision,
      long atMillis,
      @Nullable CacheItem former,
      @Nullable CacheItem current) {
    this.sequence = sequence;
    this.revision = revision;
    this.atMillis = atMillis;
    this.former = former;
    this.current = current;
    this.event = event(revision, former, current);
  }

  private static WatchEvent event(
      long revision, @Nullable CacheItem former, @Nullable CacheItem current) {
    if (current != null) {
      return former == null
          ? new WatchEvent.Added(current)
          : new WatchEvent.Modified(current, former);
    }
    if (former == null) {
      throw new IllegalStateException("a change without items at " + revision);
    }
    return new WatchEvent.Deleted(former.at(revision), former);
  }

  /// The event for one who sees only what `filter` matches; null when it is none.
  @Nullable WatchEvent seenBy(Filter filter) {
    boolean was = former != null && filter.matches(former);
    boolean is = current != null && filter.matches(current);
    if (was && former != null) {
      return is || current == null ? event : new WatchEvent.Deleted(former.at(revision), former);
    }
    if (is && current != null) {
      return former == null ? event : new WatchEvent.Added(current);
    }
    return null;
  }

  /// What the ring holds because of it: the current item is counted where it is current, or with
  /// the later change that made it a former one.
  long bytes() {
    return OVERHEAD_BYTES + (former == null ? 0 : former.bytes());
  }
}
