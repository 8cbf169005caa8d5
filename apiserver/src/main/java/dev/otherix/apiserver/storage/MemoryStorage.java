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
import org.jspecify.annotations.Nullable;

/// The smallest correct [Storage]: everything on the heap, gone with the process. For servers that
/// need no disk, and the model that the other engines are compared with. One lock, this object's
/// own, guards all of it.
public final class MemoryStorage implements Storage {
  private final InstantSource clock;

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
  public synchronized long revision() {
    settle();
    return revision;
  }

  @Override
  public synchronized @Nullable Entry get(String key, ReadAt at) {
    Keys.requireKey(key);
    settle();
    long wanted = held(at);
    List<Version> history = versions.get(key);
    return history == null ? null : at(history, wanted);
  }

  @Override
  public synchronized Page list(String prefix, String from, int limit, ReadAt at) {
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
  }

  @Override
  public synchronized Outcome create(String key, byte[] value, @Nullable Duration timeToLive) {
    Keys.requireTimeToLive(timeToLive);
    Entry current = current(key, value);
    if (current != null) {
      return new Outcome.Exists(current);
    }
    Entry entry = put(key, value, timeToLive);
    publish(new StorageEvent.Created(entry));
    return new Outcome.Written(revision, null);
  }

  @Override
  public synchronized Outcome update(
      String key, byte[] value, long expectedRevision, @Nullable Duration timeToLive) {
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
  }

  @Override
  public synchronized Outcome delete(String key, long expectedRevision) {
    Entry current = current(key, new byte[0]);
    if (current == null) {
      return new Outcome.Missing();
    }
    if (current.revision() != expectedRevision) {
      return new Outcome.Changed(current);
    }
    remove(current);
    return new Outcome.Written(revision, current);
  }

  @Override
  public synchronized Watch watch(String prefix, long afterRevision) {
    Keys.requirePrefix(prefix);
    settle();
    if (afterRevision > revision) {
      throw StorageException.future(afterRevision, revision);
    }
    if (afterRevision < compacted) {
      throw StorageException.compacted(afterRevision, compacted);
    }
    return new Cursor(prefix, afterRevision);
  }

  @Override
  public synchronized void compact(long upTo) {
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
  }

  @Override
  public synchronized long compactedRevision() {
    settle();
    return compacted;
  }

  @Override
  public synchronized Stats stats(String prefix) {
    long entries = 0;
    long bytes = 0;
    for (Entry each : list(prefix, "", 0, ReadAt.LATEST).entries()) {
      entries++;
      bytes += each.bytes();
    }
    return new Stats(entries, bytes);
  }

  @Override
  public long backup(Path target) {
    List<BackupFile.Saved> live = new ArrayList<>();
    long taken;
    synchronized (this) {
      settle();
      taken = revision;
      for (List<Version> history : versions.values()) {
        Version last = history.getLast();
        if (last.entry != null) {
          live.add(new BackupFile.Saved(last.entry, last.expires));
        }
      }
    }
    try (BackupFile.Writer writer = BackupFile.create(target, taken)) {
      live.forEach(each -> writer.add(each.entry(), each.expires()));
      writer.commit();
    }
    return taken;
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
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
    notifyAll();
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
      synchronized (MemoryStorage.this) {
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
          long nanos = Math.min(wait, nanosToNextExpiry());
          MemoryStorage.this.wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
        }
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
      synchronized (MemoryStorage.this) {
        cancelled = true;
        MemoryStorage.this.notifyAll();
      }
    }
  }
}
