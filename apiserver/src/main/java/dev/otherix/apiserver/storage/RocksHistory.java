package dev.otherix.apiserver.storage;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Reads and forgets former versions. Reading is for every thread; forgetting is for who has the
/// turn ([RocksTurn]).
///
/// History is forgotten in two steps: first the floor rises, from when on nobody may ask for what
/// is below; then the records below it are swept, a few at a time between commits.
final class RocksHistory {
  private static final int SWEEP_RECORDS_MAX = 1000;
  private static final long SWEEP_EVERY_MILLIS = 1000;

  /// What a batch of events holds before it is handed out short.
  private static final long EVENT_BYTES_MAX = 16L << 20;

  /// Versions of one key that are stepped over before it pays to seek behind them.
  private static final int STEPS_MAX = 8;

  private final RocksOptions options;
  private final RocksDatabase database;

  /// The lowest revision that may be asked for. Written by who has the turn.
  private volatile long floor;

  /// Confined to the turn, as is all that follows.
  private long swept;

  private long nextSweepMillis;
  private boolean behind;

  RocksHistory(RocksOptions options, RocksDatabase database) {
    this.options = options;
    this.database = database;
    this.floor = database.number(RocksFormat.COMPACTED_KEY);
    this.swept = database.number(RocksFormat.SWEPT_KEY);
  }

  long floor() {
    return floor;
  }

  /// @throws StorageException `COMPACTED`
  void requireHeld(long revision) {
    if (revision < floor) {
      throw StorageException.compacted(revision, floor);
    }
  }

  /// What `key` held at `revision`.
  @Nullable Entry get(String key, long revision) {
    Found found = new Found();
    database.scan(
        RocksDatabase.Family.VERSION,
        RocksFormat.versionKey(key, revision),
        () -> requireHeld(revision),
        (versionKey, version) -> {
          if (RocksFormat.keyOfVersion(versionKey).equals(key)) {
            found.entry = entry(key, RocksFormat.revisionOfVersion(versionKey), version);
          }
          return null;
        });
    return found.entry;
  }

  /// The version of `key` that the write with `revision` put there; null when it is forgotten.
  @Nullable Entry exact(String key, long revision) {
    byte[] version =
        database.get(RocksDatabase.Family.VERSION, RocksFormat.versionKey(key, revision));
    return version == null ? null : entry(key, revision, version);
  }

  /// The entries of `prefix` from `from` on at `revision`, one more than `max` so that the caller
  /// knows whether there are more.
  List<Entry> list(String prefix, String from, int max, long revision) {
    List<Entry> entries = new ArrayList<>();
    scan(
        from.compareTo(prefix) > 0 ? from : prefix,
        Keys.behind(prefix),
        revision,
        max + 1L,
        (entry, _) -> entries.add(entry));
    return entries;
  }

  /// Every entry at `revision`, whatever is compacted while it runs.
  ///
  /// @throws StorageException `COMPACTED` when that happened before it began
  void forEach(long revision, BiConsumer<Entry, @Nullable Instant> visitor) {
    scan("/", "0", revision, Long.MAX_VALUE, visitor);
  }

  private void scan(
      String from,
      String behind,
      long revision,
      long max,
      BiConsumer<Entry, @Nullable Instant> visitor) {
    Walk walk = new Walk();
    database.scan(
        RocksDatabase.Family.VERSION,
        RocksFormat.firstVersion(from),
        () -> requireHeld(revision),
        (versionKey, version) -> {
          String key = RocksFormat.keyOfVersion(versionKey);
          if (key.equals(walk.done)) {
            return ++walk.steps < STEPS_MAX ? RocksDatabase.NEXT : RocksFormat.behindVersions(key);
          }
          if (walk.found == max || key.compareTo(behind) >= 0) {
            return null;
          }
          long of = RocksFormat.revisionOfVersion(versionKey);
          if (of > revision) {
            return RocksFormat.versionKey(key, revision);
          }
          walk.done = key;
          walk.steps = 0;
          Entry entry = entry(key, of, version);
          if (entry != null) {
            walk.found++;
            visitor.accept(entry, RocksFormat.expires(version));
          }
          return RocksDatabase.NEXT;
        });
  }

  /// The events of `prefix` after `after` and up to `upTo`, from the log; looks at `records` of it
  /// at most.
  Watch.Batch events(String prefix, long after, long upTo, int records) {
    List<RocksFormat.LogRecord> log = new ArrayList<>();
    Walk walk = new Walk();
    walk.revision = upTo;
    database.scan(
        RocksDatabase.Family.LOG,
        RocksFormat.number(after + 1),
        (key, value) -> {
          RocksFormat.LogRecord entry = RocksFormat.logRecord(key, value);
          if (entry.revision() > upTo) {
            return null;
          }
          if (++walk.found > records) {
            walk.revision = entry.revision() - 1;
            return null;
          }
          if (entry.key().startsWith(prefix)) {
            log.add(entry);
          }
          return RocksDatabase.NEXT;
        });
    List<StorageEvent> events = new ArrayList<>(log.size());
    long bytes = 0;
    for (RocksFormat.LogRecord entry : log) {
      StorageEvent event = event(entry);
      events.add(event);
      bytes += event.bytes();
      if (bytes > EVENT_BYTES_MAX && event.revision() < walk.revision) {
        walk.revision = event.revision();
        break;
      }
    }
    requireHeld(after);
    return new Watch.Batch(events, walk.revision);
  }

  private StorageEvent event(RocksFormat.LogRecord entry) {
    return switch (entry.change()) {
      case CREATED -> new StorageEvent.Created(version(entry.key(), entry.revision()));
      case UPDATED ->
          new StorageEvent.Updated(
              version(entry.key(), entry.revision()), version(entry.key(), entry.former()));
      case DELETED ->
          new StorageEvent.Deleted(version(entry.key(), entry.former()), entry.revision());
    };
  }

  /// A version that the log speaks of. It is gone only when the floor rose meanwhile.
  private Entry version(String key, long revision) {
    Entry entry = exact(key, revision);
    if (entry == null) {
      throw StorageException.compacted(revision, floor);
    }
    return entry;
  }

  private static @Nullable Entry entry(String key, long revision, byte[] version) {
    byte[] value = RocksFormat.value(version);
    return value == null ? null : new Entry(key, value, revision);
  }

  /// Raises the floor on somebody's wish.
  void raise(long revision, RocksChanges changes) {
    if (revision > floor) {
      floor = revision;
      changes.put(
          RocksDatabase.Family.META, RocksFormat.COMPACTED_KEY, RocksFormat.number(revision));
    }
  }

  /// Whether there is more to sweep right away.
  boolean behind() {
    return behind;
  }

  /// Raises the floor by age and count and sweeps a few records below it.
  void sweep(long revision, long nowMillis) throws org.rocksdb.RocksDBException {
    if (!behind && nowMillis < nextSweepMillis && swept >= floor) {
      return;
    }
    nextSweepMillis = nowMillis + SWEEP_EVERY_MILLIS;
    List<RocksFormat.LogRecord> obsolete = obsolete(revision, nowMillis);
    behind = obsolete.size() == SWEEP_RECORDS_MAX;
    if (obsolete.isEmpty()) {
      return;
    }
    long last = obsolete.getLast().revision();
    RocksChanges changes = new RocksChanges();
    raise(last, changes);
    for (RocksFormat.LogRecord entry : obsolete) {
      forget(entry, changes);
    }
    changes.put(RocksDatabase.Family.META, RocksFormat.SWEPT_KEY, RocksFormat.number(last));
    database.write(changes, false);
    swept = last;
  }

  private List<RocksFormat.LogRecord> obsolete(long revision, long nowMillis) {
    long oldest = nowMillis - options.historyAge().toMillis();
    long byCount = revision - options.historyRevisionsMax();
    List<RocksFormat.LogRecord> obsolete = new ArrayList<>();
    database.scan(
        RocksDatabase.Family.LOG,
        RocksFormat.number(swept + 1),
        (key, value) -> {
          RocksFormat.LogRecord entry = RocksFormat.logRecord(key, value);
          boolean old = entry.atMillis() < oldest || entry.revision() <= byCount;
          if ((entry.revision() > floor && !old) || obsolete.size() == SWEEP_RECORDS_MAX) {
            return null;
          }
          obsolete.add(entry);
          return RocksDatabase.NEXT;
        });
    return obsolete;
  }

  /// What only revisions before this write's needed: the version that it replaced, and the mark of
  /// a removal, which says nothing once there is nothing before it.
  private static void forget(RocksFormat.LogRecord entry, RocksChanges changes) {
    changes.remove(RocksDatabase.Family.LOG, RocksFormat.number(entry.revision()));
    if (entry.former() != 0) {
      changes.remove(
          RocksDatabase.Family.VERSION, RocksFormat.versionKey(entry.key(), entry.former()));
    }
    if (entry.change() == RocksFormat.Change.DELETED) {
      changes.remove(
          RocksDatabase.Family.VERSION, RocksFormat.versionKey(entry.key(), entry.revision()));
    }
  }

  private static final class Found {
    @Nullable Entry entry;
  }

  private static final class Walk {
    @Nullable String done;
    int steps;
    long found;
    long revision;
  }
}
