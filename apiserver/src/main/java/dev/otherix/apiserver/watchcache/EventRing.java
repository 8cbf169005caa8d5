package dev.otherix.apiserver.watchcache;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The recent changes of a cache, oldest first, each with a sequence number that is never used
/// again. Bounded by count, by bytes, and by age for all but a few. Grows and shrinks with what it
/// holds.
///
/// Written under the lock of [CacheState]; [#get] is for every thread.
final class EventRing {
  private final CacheOptions options;
  private volatile AtomicReferenceArray<Change> slots;

  /// The sequence number of the oldest change that is held, and of the next one to come.
  private long tail;

  private long head;
  private long bytes;
  private long evictions;

  /// All changes after this revision are held.
  private long completeAfter;

  EventRing(CacheOptions options) {
    this.options = options;
    this.slots = new AtomicReferenceArray<>(options.ringEventsMin());
  }

  /// The change with this sequence number; null when it was evicted. For every thread; one that
  /// read `sequence` from a snapshot's end finds all changes before it.
  @Nullable Change get(long sequence) {
    AtomicReferenceArray<Change> held = slots;
    Change change = held.get((int) (sequence % held.length()));
    return change != null && change.sequence == sequence ? change : null;
  }

  Change append(
      long revision, long nowMillis, @Nullable CacheItem former, @Nullable CacheItem current) {
    evictAged(nowMillis);
    if (size() == options.ringEventsMax()) {
      evict();
    } else if (size() == slots.length()) {
      resize(Math.min(2 * slots.length(), options.ringEventsMax()));
    }
    Change change = new Change(head, revision, nowMillis, former, current);
    slots.set((int) (head % slots.length()), change);
    head++;
    bytes += change.bytes();
    while (bytes > options.ringBytesMax() && size() > 1) {
      evict();
    }
    return change;
  }

  /// Lets go of what is older than the options say, except the last few.
  void evictAged(long nowMillis) {
    long oldest = nowMillis - options.historyAge().toMillis();
    while (size() > options.ringEventsMin()) {
      Change change = get(tail);
      if (change == null || change.atMillis >= oldest) {
        return;
      }
      evict();
    }
  }

  private void evict() {
    int place = (int) (tail % slots.length());
    Change oldest = slots.get(place);
    slots.set(place, null);
    completeAfter = oldest.revision;
    bytes -= oldest.bytes();
    evictions++;
    tail++;
    if (slots.length() > options.ringEventsMin() && size() < slots.length() / 4) {
      resize(Math.max(slots.length() / 2, options.ringEventsMin()));
    }
  }

  private void resize(int length) {
    AtomicReferenceArray<Change> resized = new AtomicReferenceArray<>(length);
    for (long i = tail; i < head; i++) {
      resized.set((int) (i % length), slots.get((int) (i % slots.length())));
    }
    slots = resized;
  }

  /// Forgets everything: changes after `revision` will follow.
  void restart(long revision) {
    evictions += size();
    slots = new AtomicReferenceArray<>(options.ringEventsMin());
    tail = head;
    bytes = 0;
    completeAfter = revision;
  }

  /// Lets go of the changes up to `revision`.
  void evictThrough(long revision) {
    while (size() > 0) {
      Change oldest = get(tail);
      if (oldest == null || oldest.revision > revision) {
        break;
      }
      evict();
    }
    completeAfter = Math.max(completeAfter, revision);
  }

  /// The sequence number of the first change after `revision`; [#head] when there is none yet. Only
  /// for revisions from [#completeAfter] on.
  long firstAfter(long revision) {
    long low = tail;
    long high = head;
    while (low < high) {
      long middle = (low + high) >>> 1;
      Change change = get(middle);
      if (change != null && change.revision <= revision) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  long completeAfter() {
    return completeAfter;
  }

  long head() {
    return head;
  }

  long tail() {
    return tail;
  }

  int size() {
    return (int) (head - tail);
  }

  int capacity() {
    return slots.length();
  }

  long bytes() {
    return bytes;
  }

  long evictions() {
    return evictions;
  }
}
