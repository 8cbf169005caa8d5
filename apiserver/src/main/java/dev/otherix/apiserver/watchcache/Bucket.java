package dev.otherix.apiserver.watchcache;

import java.util.Arrays;

/// Which changes concern one value of one field, by their sequence numbers in the ring, and who
/// watches that value. Its watchers look at nothing else, and are not behind while nothing that
/// concerns them is evicted. Guarded by its own monitor.
final class Bucket {
  static final long NONE = Long.MAX_VALUE;
  static final long LOST = -1;
  private static final int ROOM_MIN = 8;

  private final WatcherSet watchers = new WatcherSet();

  /// Rising; from `first` to `end`.
  private long[] sequences = new long[ROOM_MIN];

  private int first;
  private int end;
  private long lastDropped = -1;

  WatcherSet watchers() {
    return watchers;
  }

  /// @param tail the oldest change that the ring still has; numbers below are let go
  synchronized void append(long sequence, long tail) {
    while (first < end && sequences[first] < tail) {
      lastDropped = sequences[first++];
    }
    if (end == sequences.length) {
      int size = end - first;
      int room = size > sequences.length / 2 ? 2 * sequences.length : sequences.length;
      sequences = Arrays.copyOf(Arrays.copyOfRange(sequences, first, end), room);
      first = 0;
      end = size;
    }
    sequences[end++] = sequence;
  }

  /// The first number from `position` on; [#NONE], or [#LOST] when there may have been one that was
  /// let go.
  synchronized long ceiling(long position) {
    if (position <= lastDropped) {
      return LOST;
    }
    int place = Arrays.binarySearch(sequences, first, end, position);
    int next = place < 0 ? -place - 1 : place;
    return next == end ? NONE : sequences[next];
  }
}
