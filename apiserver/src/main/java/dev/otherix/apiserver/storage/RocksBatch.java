package dev.otherix.apiserver.storage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// What one commit does: each write is checked against the index and against the writes in front of
/// it in the same batch. Confined to who has the turn ([RocksTurn]).
final class RocksBatch {
  private final RocksDatabase database;
  private final RocksIndex index;
  private final RocksHistory history;
  private final RocksChanges changes = new RocksChanges();
  private final long now;
  private final Map<String, Staged> staged = new HashMap<>();
  private final List<StorageEvent> events = new ArrayList<>();
  private final List<Runnable> answers = new ArrayList<>();
  private long revision;
  private boolean compacts;

  RocksBatch(
      RocksDatabase database, RocksIndex index, RocksHistory history, long revision, long now) {
    this.database = database;
    this.index = index;
    this.history = history;
    this.revision = revision;
    this.now = now;
  }

  /// A key after what this batch does to it; a null head means that it is gone.
  private record Staged(RocksFormat.@Nullable Head head) {}

  /// Removes entries whose time is over, `max` at most.
  void expire(int max) {
    while (events.size() < max) {
      RocksIndex.Expiry expiry = index.takeExpired(now);
      if (expiry == null) {
        return;
      }
      Entry entry = history.exact(expiry.key(), expiry.revision());
      if (entry != null) {
        delete(entry, new CompletableFuture<>());
      }
    }
  }

  void add(RocksWrite write) {
    switch (write) {
      case RocksWrite.Create create -> create(create);
      case RocksWrite.Update update -> update(update);
      case RocksWrite.Delete delete -> delete(delete.previous(), delete.verdict());
      case RocksWrite.Compact compact -> {
        history.raise(compact.revision(), changes);
        compacts = true;
        refuse(compact.verdict(), null);
      }
    }
  }

  private void create(RocksWrite.Create write) {
    RocksFormat.Head current = head(write.key());
    if (current != null) {
      refuse(write.verdict(), current);
      return;
    }
    Entry entry = new Entry(write.key(), write.value(), ++revision);
    put(entry, write.expiresAtMillis());
    log(entry.key(), RocksFormat.Change.CREATED, 0);
    accept(new StorageEvent.Created(entry), write.verdict());
  }

  private void update(RocksWrite.Update write) {
    Entry previous = write.previous();
    RocksFormat.Head current = head(previous.key());
    if (current == null || current.revision() != previous.revision()) {
      refuse(write.verdict(), current);
      return;
    }
    Entry entry = new Entry(previous.key(), write.value(), ++revision);
    put(entry, write.expiresAtMillis());
    log(entry.key(), RocksFormat.Change.UPDATED, previous.revision());
    accept(new StorageEvent.Updated(entry, previous), write.verdict());
  }

  private void delete(Entry previous, CompletableFuture<RocksWrite.Verdict> verdict) {
    RocksFormat.Head current = head(previous.key());
    if (current == null || current.revision() != previous.revision()) {
      refuse(verdict, current);
      return;
    }
    revision++;
    String key = previous.key();
    staged.put(key, new Staged(null));
    changes.remove(RocksDatabase.Family.HEAD, RocksFormat.ascii(key));
    changes.put(
        RocksDatabase.Family.VERSION,
        RocksFormat.versionKey(key, revision),
        RocksFormat.tombstone());
    log(key, RocksFormat.Change.DELETED, previous.revision());
    accept(new StorageEvent.Deleted(previous, revision), verdict);
  }

  private void put(Entry entry, long expiresAtMillis) {
    RocksFormat.Head head =
        new RocksFormat.Head(entry.revision(), expiresAtMillis, entry.value().length);
    staged.put(entry.key(), new Staged(head));
    changes.put(RocksDatabase.Family.HEAD, RocksFormat.ascii(entry.key()), RocksFormat.head(head));
    changes.put(
        RocksDatabase.Family.VERSION,
        RocksFormat.versionKey(entry.key(), entry.revision()),
        RocksFormat.version(entry.value(), expiresAtMillis));
  }

  private void log(String key, RocksFormat.Change change, long former) {
    RocksFormat.LogRecord entry = new RocksFormat.LogRecord(revision, change, now, former, key);
    changes.put(
        RocksDatabase.Family.LOG, RocksFormat.number(revision), RocksFormat.logRecord(entry));
  }

  private void accept(StorageEvent event, CompletableFuture<RocksWrite.Verdict> verdict) {
    events.add(event);
    answers.add(() -> verdict.complete(new RocksWrite.Verdict(event.revision(), 0)));
  }

  private void refuse(
      CompletableFuture<RocksWrite.Verdict> verdict, RocksFormat.@Nullable Head current) {
    long at = current == null ? 0 : current.revision();
    answers.add(() -> verdict.complete(new RocksWrite.Verdict(0, at)));
  }

  private RocksFormat.@Nullable Head head(String key) {
    Staged change = staged.get(key);
    return change == null ? index.get(key) : change.head;
  }

  boolean isEmpty() {
    return events.isEmpty() && !compacts;
  }

  List<StorageEvent> events() {
    return events;
  }

  long revision() {
    return revision;
  }

  /// Makes it durable, then known to the index; the writer raises the revision after. Whoever reads
  /// the revision first therefore finds everything up to it in the index, and perhaps more.
  void commit() throws RocksDBException {
    database.write(changes, true);
    staged.forEach((key, change) -> {
      if (change.head == null) {
        index.remove(key);
      } else {
        index.put(key, change.head);
      }
    });
  }

  void answer() {
    answers.forEach(Runnable::run);
  }
}
