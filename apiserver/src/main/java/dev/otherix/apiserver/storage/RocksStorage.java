package dev.otherix.apiserver.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// The embedded [Storage]: RocksDB with one commit at a time. Reads run on the caller's thread;
/// writes go through [RocksWriter]. One process at a time may open a directory.
public final class RocksStorage implements Storage {
  /// How far revisions jump at a restore, so that none that anybody saw comes again.
  static final long RESTORE_REVISIONS = 1_000_000;

  private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

  private final RocksOptions options;
  private final RocksDatabase database;
  private final RocksIndex index = new RocksIndex();
  private final RocksHistory history;
  private final RecentEvents recent;
  private final RocksWitness witness;
  private final RocksWriter writer;

  private RocksStorage(RocksOptions options, RocksDatabase database) {
    this.options = options;
    this.database = database;
    this.history = new RocksHistory(options, database);
    index.load(database);
    long revision = lastRevision(database);
    this.recent = new RecentEvents(revision);
    this.witness = RocksWitness.open(options.directory(), revision);
    this.writer = new RocksWriter(options, database, index, recent, history, witness);
  }

  /// Opens the store in `options.directory()`, or makes an empty one.
  ///
  /// @throws StorageException `CORRUPT` when what is there is damaged; `UNAVAILABLE` when another
  ///   process has it open
  public static RocksStorage open(RocksOptions options) {
    RocksDatabase database = RocksDatabase.open(options);
    try {
      if (database.number(RocksFormat.RESTORING_KEY) != 0) {
        throw new StorageException(
            StorageException.Reason.CORRUPT,
            "the store in "
                + options.directory()
                + " is a restore that did not finish; empty the directory and restore again");
      }
      RocksStorage storage = new RocksStorage(options, database);
      storage.writer.start();
      return storage;
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /// Fills an empty directory from a backup. What a failed or interrupted restore leaves is refused
  /// by [#open], so that nobody takes half a store for a whole one. Revisions go on above those of
  /// the backup and above `revisionSeen`, the highest that anybody may remember.
  ///
  /// @return the revision that the restored store begins at
  public static long restore(Path backup, RocksOptions options, long revisionSeen) {
    BackupFile.verify(backup);
    try (RocksDatabase database = RocksDatabase.open(options)) {
      if (lastRevision(database) != 0 || database.number(RocksFormat.RESTORING_KEY) != 0) {
        throw new StorageException(
            StorageException.Reason.UNAVAILABLE,
            "cannot restore into "
                + options.directory()
                + ": it holds a store; name an empty directory");
      }
      RocksChanges begin = new RocksChanges();
      begin.put(RocksDatabase.Family.META, RocksFormat.RESTORING_KEY, RocksFormat.number(1));
      write(database, begin);
      long[] highest = {revisionSeen};
      long taken =
          BackupFile.read(
              backup,
              saved -> {
                restore(database, saved);
                highest[0] = Math.max(highest[0], saved.entry().revision());
              });
      long revision = Math.max(taken, highest[0]) + RESTORE_REVISIONS;
      RocksChanges end = new RocksChanges();
      byte[] number = RocksFormat.number(revision);
      end.put(RocksDatabase.Family.META, RocksFormat.REVISION_KEY, number);
      end.put(RocksDatabase.Family.META, RocksFormat.COMPACTED_KEY, number);
      end.put(RocksDatabase.Family.META, RocksFormat.SWEPT_KEY, number);
      end.remove(RocksDatabase.Family.META, RocksFormat.RESTORING_KEY);
      write(database, end);
      return revision;
    }
  }

  private static void restore(RocksDatabase database, BackupFile.Saved saved) {
    Entry entry = saved.entry();
    long expires = saved.expires() == null ? 0 : saved.expires().toEpochMilli();
    RocksFormat.Head head = new RocksFormat.Head(entry.revision(), expires, entry.value().length);
    RocksChanges changes = new RocksChanges();
    changes.put(RocksDatabase.Family.HEAD, RocksFormat.ascii(entry.key()), RocksFormat.head(head));
    changes.put(
        RocksDatabase.Family.VERSION,
        RocksFormat.versionKey(entry.key(), entry.revision()),
        RocksFormat.version(entry.value(), expires));
    try {
      database.write(changes, false);
    } catch (RocksDBException e) {
      throw database.failed("restore " + entry.key(), e);
    }
  }

  private static void write(RocksDatabase database, RocksChanges changes) {
    try {
      database.write(changes, true);
    } catch (RocksDBException e) {
      throw database.failed("finish the restore", e);
    }
  }

  /// The revision of the last write, or where a restore said to begin.
  static long lastRevision(RocksDatabase database) {
    byte[] last = database.lastKey(RocksDatabase.Family.LOG);
    long logged = last == null ? 0 : RocksFormat.number(last);
    long swept = database.number(RocksFormat.SWEPT_KEY);
    return Math.max(Math.max(logged, swept), database.number(RocksFormat.REVISION_KEY));
  }

  @Override
  public long revisionNow(String prefix) {
    return recent.revision(prefix);
  }

  @Override
  public long revision() {
    requireOpen();
    return recent.revision();
  }

  @Override
  public @Nullable Entry get(String key, ReadAt at) {
    Keys.requireKey(key);
    requireOpen();
    return at.latest()
        ? latest(revision -> current(key, revision))
        : history.get(key, held(at.revision()));
  }

  /// The index may be a commit ahead of `revision`, so that only the history can say that the key
  /// had nothing.
  private @Nullable Entry current(String key, long revision) {
    RocksFormat.Head head = index.get(key);
    if (head == null || head.revision() > revision) {
      return history.get(key, revision);
    }
    Entry entry = history.exact(key, head.revision());
    if (entry != null) {
      return entry;
    }
    if (head.equals(index.get(key))) {
      throw new StorageException(
          StorageException.Reason.CORRUPT,
          "the store in " + options.directory() + " has lost " + key + " of " + head.revision());
    }
    throw StorageException.compacted(head.revision(), history.floor());
  }

  /// Reads at the current revision. When a compaction overtakes the reader, the revision has moved
  /// on too, and it is read there.
  private <T extends @Nullable Object> T latest(LongFunction<T> read) {
    while (true) {
      long revision = recent.revision();
      try {
        return read.apply(revision);
      } catch (StorageException e) {
        if (e.reason() != StorageException.Reason.COMPACTED || recent.revision() == revision) {
          throw e;
        }
      }
    }
  }

  @Override
  public Page list(String prefix, String from, int limit, ReadAt at) {
    Keys.requirePrefix(prefix);
    int max = Keys.pageSize(limit);
    requireOpen();
    return at.latest()
        ? latest(revision -> page(prefix, from, max, revision))
        : page(prefix, from, max, held(at.revision()));
  }

  private Page page(String prefix, String from, int max, long revision) {
    List<Entry> found = history.list(prefix, from, max, revision);
    if (found.size() <= max) {
      return new Page(found, revision, 0);
    }
    List<Entry> page = found.subList(0, max);
    long remaining = index.range(prefix).tailMap(page.getLast().key(), false).size();
    return new Page(page, revision, Math.max(1, remaining));
  }

  @Override
  public Outcome create(String key, byte[] value, @Nullable Duration timeToLive) {
    Keys.requireKey(key);
    Keys.requireValue(key, value);
    Keys.requireTimeToLive(timeToLive);
    requireOpen();
    long expires = expires(timeToLive);
    while (true) {
      RocksWrite.Verdict verdict =
          send(answer -> new RocksWrite.Create(key, value, expires, answer));
      if (verdict.written()) {
        return new Outcome.Written(verdict.revision(), null);
      }
      Entry current = refusedBy(key, verdict);
      if (current != null) {
        return new Outcome.Exists(current);
      }
      // It is gone since: there is room now.
    }
  }

  @Override
  public Outcome update(
      String key, byte[] value, long expectedRevision, @Nullable Duration timeToLive) {
    Keys.requireKey(key);
    Keys.requireValue(key, value);
    Keys.requireTimeToLive(timeToLive);
    long expires = expires(timeToLive);
    return change(
        key,
        expectedRevision,
        previous -> send(answer -> new RocksWrite.Update(previous, value, expires, answer)));
  }

  @Override
  public Outcome delete(String key, long expectedRevision) {
    return change(
        key, expectedRevision, previous -> send(answer -> new RocksWrite.Delete(previous, answer)));
  }

  /// Reads what is to be changed first: a stale expectation then costs no turn, and the event needs
  /// the former value anyway.
  private Outcome change(
      String key, long expectedRevision, Function<Entry, RocksWrite.Verdict> write) {
    Entry previous = get(key, ReadAt.LATEST);
    if (previous == null) {
      return new Outcome.Missing();
    }
    if (previous.revision() != expectedRevision) {
      return new Outcome.Changed(previous);
    }
    RocksWrite.Verdict verdict = write.apply(previous);
    if (verdict.written()) {
      return new Outcome.Written(verdict.revision(), previous);
    }
    Entry current = verdict.current() == 0 ? null : refusedBy(key, verdict);
    return current == null ? new Outcome.Missing() : new Outcome.Changed(current);
  }

  /// The entry that stood in a write's way when its turn came; when that is swept already, the one
  /// that is there now.
  private @Nullable Entry refusedBy(String key, RocksWrite.Verdict verdict) {
    Entry entry = history.exact(key, verdict.current());
    return entry != null ? entry : get(key, ReadAt.LATEST);
  }

  private RocksWrite.Verdict send(
      Function<CompletableFuture<RocksWrite.Verdict>, RocksWrite> write) {
    CompletableFuture<RocksWrite.Verdict> verdict = new CompletableFuture<>();
    writer.submit(write.apply(verdict));
    try {
      return verdict.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StorageException failure) {
        throw new StorageException(failure.reason(), String.valueOf(failure.getMessage()), failure);
      }
      throw new IllegalStateException("the writer failed", e.getCause());
    } catch (TimeoutException e) {
      throw new StorageException(
          StorageException.Reason.UNKNOWN_OUTCOME,
          "no answer from the disk within " + ANSWER_MAX.toSeconds() + " s",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException(
          StorageException.Reason.UNKNOWN_OUTCOME, "interrupted while a write was on its way", e);
    }
  }

  private long expires(@Nullable Duration timeToLive) {
    return timeToLive == null ? 0 : options.clock().millis() + timeToLive.toMillis();
  }

  @Override
  public Watch watch(String prefix, long afterRevision) {
    Keys.requirePrefix(prefix);
    requireOpen();
    if (afterRevision > recent.revision()) {
      throw StorageException.future(afterRevision, recent.revision());
    }
    history.requireHeld(afterRevision);
    return new RocksWatch(recent, history, prefix, afterRevision);
  }

  @Override
  public void compact(long revision) {
    requireOpen();
    if (revision > recent.revision()) {
      throw StorageException.future(revision, recent.revision());
    }
    RocksWrite.Verdict done = send(answer -> new RocksWrite.Compact(revision, answer));
    assert !done.written() : "a compaction takes no revision";
  }

  @Override
  public long compactedRevision() {
    requireOpen();
    return history.floor();
  }

  @Override
  public Stats stats(String prefix) {
    Keys.requirePrefix(prefix);
    requireOpen();
    long entries = 0;
    long bytes = 0;
    for (Map.Entry<String, RocksFormat.Head> each : index.range(prefix).entrySet()) {
      entries++;
      bytes += (long) each.getKey().length() + each.getValue().valueBytes();
    }
    return new Stats(entries, bytes);
  }

  @Override
  public long backup(Path target) {
    requireOpen();
    return latest(revision -> {
      try (BackupFile.Writer file = BackupFile.create(target, revision)) {
        history.forEach(revision, file::add);
        file.commit();
      }
      return revision;
    });
  }

  private long held(long revision) {
    long current = recent.revision();
    if (revision > current) {
      throw StorageException.future(revision, current);
    }
    history.requireHeld(revision);
    return revision;
  }

  private void requireOpen() {
    if (recent.closed()) {
      throw StorageException.closed();
    }
  }

  @Override
  public void close() {
    writer.close();
    recent.close();
    database.close();
    witness.close();
  }
}
