package dev.otherix.apiserver.storage;

import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// The live keys in memory, so that a precondition costs no disk read. Written after a commit by
/// who has the turn ([RocksTurn]); read by all.
final class RocksIndex {
  private volatile ConcurrentSkipListMap<String, RocksFormat.Head> heads =
      new ConcurrentSkipListMap<>();

  /// Confined to the turn. May hold expiries of entries that were replaced since.
  private final PriorityQueue<Expiry> expiries = new PriorityQueue<>();

  record Expiry(long atMillis, String key, long revision) implements Comparable<Expiry> {
    @Override
    public int compareTo(Expiry other) {
      int byTime = Long.compare(atMillis, other.atMillis);
      return byTime != 0 ? byTime : Long.compare(revision, other.revision);
    }
  }

  /// Reads the live keys anew, for instance after the database was opened again. Readers see the
  /// former index until the new one is whole.
  void load(RocksDatabase database) {
    ConcurrentSkipListMap<String, RocksFormat.Head> loaded = new ConcurrentSkipListMap<>();
    expiries.clear();
    database.scan(
        RocksDatabase.Family.HEAD,
        new byte[0],
        (keyBytes, value) -> {
          String key = RocksFormat.text(keyBytes, 0, keyBytes.length);
          RocksFormat.Head head = RocksFormat.head(value);
          loaded.put(key, head);
          watchOver(key, head);
          return RocksDatabase.NEXT;
        });
    heads = loaded;
  }

  RocksFormat.@Nullable Head get(String key) {
    return heads.get(key);
  }

  void put(String key, RocksFormat.Head head) {
    heads.put(key, head);
    watchOver(key, head);
  }

  private void watchOver(String key, RocksFormat.Head head) {
    if (head.expiresAtMillis() != 0) {
      expiries.add(new Expiry(head.expiresAtMillis(), key, head.revision()));
    }
  }

  void remove(String key) {
    heads.remove(key);
  }

  /// The next entry whose time is over, taken out of the queue; null when there is none.
  @Nullable Expiry takeExpired(long nowMillis) {
    for (Expiry next = expiries.peek();
        next != null && next.atMillis <= nowMillis;
        next = expiries.peek()) {
      expiries.remove();
      RocksFormat.Head head = heads.get(next.key);
      if (head != null && head.revision() == next.revision) {
        return next;
      }
    }
    return null;
  }

  boolean mayExpire() {
    return !expiries.isEmpty();
  }

  NavigableMap<String, RocksFormat.Head> range(String prefix) {
    return heads.subMap(prefix, true, Keys.behind(prefix), false);
  }
}
