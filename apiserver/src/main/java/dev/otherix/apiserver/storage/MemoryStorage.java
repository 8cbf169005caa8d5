package dev.otherix.apiserver.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The smallest correct [Storage]: everything on the heap, gone with the process. For servers that
/// need no disk, and the model that the other engines are compared with. One lock guards all of it.
public final class MemoryStorage implements Storage {
  private final InstantSource clock;

  /// A lock of java.util.concurrent, because watchers wait here on virtual threads: those that wait
  /// on a monitor may keep their carriers, and with as many of them as carriers nothing runs.
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();

  /// Every held version of a key, oldest first.
  private final NavigableMap<String, List<Version>> versions = new TreeMap<>();

  /// Events after [#compacted], in order.
  private final List<StorageEvent> events = new ArrayList<>();

  private final PriorityQueue<Expiry> expiries = new PriorityQueue<>();
  private long revision;
  private long compacted;
  private boolean closed;

  public MemoryStorage(InstantSource clock) {
    this.clock = clock;
  }

  /// What a key held from `revision` on: an entry, or nothing after a removal.
  private record Version(long revision, @Nullable Entry entry, @Nullable Instant expires) {}

  private record Expiry(Instant at, String key, long revision) implements Comparable<Expiry> {
    @Override
    public int compareTo(Expiry other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(revision, other.revision);
    }
  }

  @Override
  public long revisionNow(String prefix) {
    return revision();
  }

  @Override
  public long revision() {
    lock.lock();
    try {
      settle();
      return revision;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable Entry get(String key, ReadAt at) {
    lock.lock();
    try {
      Keys.requireKey(key);
      settle();
      long wanted = held(at);
      List<Version> history = versions.get(key);
      return history == null ? null : at(history, wanted);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Page list(String prefix, String from, int limit, ReadAt at) {
    lock.lock();
    try {
      Keys.requirePrefix(prefix);
      int max = Keys.pageSize(limit);
      settle();
      long wanted = held(at);
      List<Entry> entries = new ArrayList<>();
      long remaining = 0;
      for (List<Version> history : range(prefix, from).values()) {
        Entry entry = at(history, wanted);
        if (entry == null) {
          continue;
        }
        if (entries.size() < max) {
          entries.add(entry);
        } else {
          remaining++;
        }
      }
      return new Page(entries, wanted, remaining);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Outcome create(String key, byte[] value, @Nullable Duration timeToLive) {
    lock.lock();
    try {
      Keys.requireTimeToLive(timeToLive);
      Entry current = current(key, value);
      if (current != null) {
        return new Outcome.Exists(current);
      }
      Entry entry = put(key, value, timeToLive);
      publish(new StorageEvent.Created(entry));
      return new Outcome.Written(revision, null);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Outcome update(
      String key, byte[] value, long expectedRevision, @Nullable Duration timeToLive) {
    lock.lock();
    try {
      Keys.requireTimeToLive(timeToLive);
      Entry current = current(key, value);
      if (current == null) {
        return new Outcome.Missing();
      }
      if (current.revision() != expectedRevision) {
        return new Outcome.Changed(current);
      }
      Entry entry = put(key, value, timeToLive);
      publish(new StorageEvent.Updated(entry, current));
      return new Outcome.Written(revision, current);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Outcome delete(String key, long expectedRevision) {
    lock.lock();
    try {
      Entry current = current(key, new byte[0]);
      if (current == null) {
        return new Outcome.Missing();
      }
      if (current.revision() != expectedRevision) {
        return new Outcome.Changed(current);
      }
      remove(current);
      return new Outcome.Written(revision, current);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Watch watch(String prefix, long afterRevision) {
    lock.lock();
    try {
      Keys.requirePrefix(prefix);
      settle();
      if (afterRevision > revision) {
        throw StorageException.future(afterRevision, revision);
      }
      if (afterRevision < compacted) {
        throw StorageException.compacted(afterRevision, compacted);
      }
      return new Cursor(prefix, afterRevision);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void compact(long upTo) {
    lock.lock();
    try {
      settle();
      if (upTo > revision) {
        throw StorageException.future(upTo, revision);
      }
      if (upTo <= compacted) {
        return;
      }
      compacted = upTo;
      events.removeIf(each -> each.revision() <= upTo);
      versions
          .values()
          .removeIf(history -> {
            while (history.size() > 1 && history.get(1).revision <= upTo) {
              history.removeFirst();
            }
            Version first = history.getFirst();
            if (first.entry == null && first.revision <= upTo) {
              history.removeFirst();
            }
            return history.isEmpty();
          });
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long compactedRevision() {
    lock.lock();
    try {
      settle();
      return compacted;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Stats stats(String prefix) {
    lock.lock();
    try {
      long entries = 0;
      long bytes = 0;
      for (Entry each : list(prefix, "", 0, ReadAt.LATEST).entries()) {
        entries++;
        bytes += each.bytes();
      }
      return new Stats(entries, bytes);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long backup(Path target) {
    List<BackupFile.Saved> live = new ArrayList<>();
    long taken;
    lock.lock();
    try {
      settle();
      taken = revision;
      for (List<Version> history : versions.values()) {
        Version last = history.getLast();
        if (last.entry != null) {
          live.add(new BackupFile.Saved(last.entry, last.expires));
        }
      }
    } finally {
      lock.unlock();
    }
    try (BackupFile.Writer writer = BackupFile.create(target, taken)) {
      live.forEach(each -> writer.add(each.entry(), each.expires()));
      writer.commit();
    }
    return taken;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Removes what has expired. Called first by every method, so that no caller sees it again.
  private void settle() {
    if (closed) {
      throw StorageException.closed();
    }
    Instant now = clock.instant();
    for (Expiry next = expiries.peek();
        next != null && !next.at.isAfter(now);
        next = expiries.peek()) {
      expiries.remove();
      Entry entry = at(versions.getOrDefault(next.key, List.of()), revision);
      if (entry != null && entry.revision() == next.revision) {
        remove(entry);
      }
    }
  }

  private @Nullable Entry current(String key, byte[] value) {
    Keys.requireKey(key);
    Keys.requireValue(key, value);
    settle();
    return at(versions.getOrDefault(key, List.of()), revision);
  }

  private Entry put(String key, byte[] value, @Nullable Duration timeToLive) {
    Instant expires = timeToLive == null ? null : clock.instant().plus(timeToLive);
    Entry entry = new Entry(key, value, ++revision);
    versions
        .computeIfAbsent(key, _ -> new ArrayList<>())
        .add(new Version(revision, entry, expires));
    if (expires != null) {
      expiries.add(new Expiry(expires, key, revision));
    }
    return entry;
  }

  private void remove(Entry current) {
    revision++;
    versions
        .computeIfAbsent(current.key(), _ -> new ArrayList<>())
        .add(new Version(revision, null, null));
    publish(new StorageEvent.Deleted(current, revision));
  }

  private void publish(StorageEvent event) {
    events.add(event);
    changed.signalAll();
  }

  private long held(ReadAt at) {
    if (at.latest()) {
      return revision;
    }
    if (at.revision() > revision) {
      throw StorageException.future(at.revision(), revision);
    }
    if (at.revision() < compacted) {
      throw StorageException.compacted(at.revision(), compacted);
    }
    return at.revision();
  }

  private static @Nullable Entry at(List<Version> history, long revision) {
    for (int i = history.size() - 1; i >= 0; i--) {
      if (history.get(i).revision <= revision) {
        return history.get(i).entry;
      }
    }
    return null;
  }

  private NavigableMap<String, List<Version>> range(String prefix, String from) {
    String first = from.compareTo(prefix) > 0 ? from : prefix;
    String behind = Keys.behind(prefix);
    return first.compareTo(behind) >= 0
        ? new TreeMap<>()
        : versions.subMap(first, true, behind, false);
  }

  private final class Cursor implements Watch {
    private static final int BATCH_EVENTS_MAX = 1000;

    private final String prefix;
    private long after;
    private boolean cancelled;

    Cursor(String prefix, long after) {
      this.prefix = prefix;
      this.after = after;
    }

    @Override
    public Batch next(Duration timeout) throws InterruptedException {
      long deadline = System.nanoTime() + timeout.toNanos();
      lock.lockInterruptibly();
      try {
        while (true) {
          if (cancelled) {
            throw StorageException.closed();
          }
          settle();
          if (after < compacted) {
            throw StorageException.compacted(after, compacted);
          }
          Batch batch = batch();
          after = batch.revision();
          long wait = deadline - System.nanoTime();
          if (!batch.events().isEmpty() || wait <= 0) {
            return batch;
          }
          changed.await(Math.min(wait, nanosToNextExpiry()), TimeUnit.NANOSECONDS);
        }
      } finally {
        lock.unlock();
      }
    }

    /// At least a millisecond, so that a clock which stands still does not make this spin.
    private long nanosToNextExpiry() {
      Expiry next = expiries.peek();
      if (next == null) {
        return Long.MAX_VALUE;
      }
      return Math.max(1_000_000, Duration.between(clock.instant(), next.at).toNanos());
    }

    private Batch batch() {
      Deque<StorageEvent> batch = new ArrayDeque<>();
      for (StorageEvent event : events) {
        if (event.revision() > after && event.key().startsWith(prefix)) {
          batch.add(event);
          if (batch.size() == BATCH_EVENTS_MAX) {
            return new Batch(List.copyOf(batch), event.revision());
          }
        }
      }
      return new Batch(List.copyOf(batch), revision);
    }

    @Override
    public void close() {
      lock.lock();
      try {
        cancelled = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
