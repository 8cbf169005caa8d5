package dev.otherix.apiserver.storage;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Keeps byte values under keys, durably, with their history. The only storage interface: the
/// embedded engine, etcd and the watch cache in front of either implement it, and one contract
/// suite (`StorageContract`) holds all of them to this page.
///
/// ## Revisions
///
/// One counter serves the whole store. Every write that changes something takes the next revision;
/// a refused write takes none. Revisions only grow: over a restart, and over [#backup] and restore,
/// after which the counter goes on above everything that anybody may have seen. Revision 0 is
/// before the first write. The store keeps history: a read [ReadAt#revision] or a watch may name
/// any revision that is not compacted.
///
/// ## Consistency
///
/// Writes are linearizable: a write that returned [Outcome.Written] is durable and is seen by every
/// read at [ReadAt#LATEST] that begins after it returned, on every replica. A read at a revision
/// never changes its answer. A list is one state, the one of [Page#revision].
///
/// ## Errors
///
/// A precondition that does not hold is an [Outcome], not an exception. [StorageException] tells by
/// its [StorageException.Reason] whether the request had no effect, or whether nobody knows
/// (`UNKNOWN_OUTCOME`: the write may be there now or may appear until the next write of that key).
/// No method returns before it knows; all of them wait a bounded time.
///
/// ## Keys and values
///
/// [Keys] says what a key may look like. A value has at most [Keys#VALUE_BYTES_MAX] bytes. Arrays
/// are handed over, not copied: neither side changes one after.
///
/// Thread-safe. After [#close] every method throws `CLOSED`.
public interface Storage extends AutoCloseable {

  /// The revision of the latest write that is durable; at least that of every write that returned
  /// before this call.
  long revision();

  /// What [#revisionNow] answers when it would have to ask somebody.
  long UNKNOWN_REVISION = -1;

  /// A revision such that who has seen all changes under `prefix` up to it has seen all that were
  /// durable before this call; [#UNKNOWN_REVISION] where finding out would mean to wait. Often
  /// lower than [#revision], since other prefixes have changed meanwhile.
  long revisionNow(String prefix);

  /// The entry under `key`, or null when there is none at that revision.
  ///
  /// @throws StorageException `COMPACTED` or `FUTURE_REVISION` when `at` is not held
  @Nullable Entry get(String key, ReadAt at);

  /// The entries whose keys begin with `prefix`, in key order, from `from` on.
  ///
  /// @param from the first key that may be in the page, or empty for the beginning; the key behind
  ///   the last of a page, so that pages follow one another, is that key + `\0`
  /// @param limit how many entries at most, or 0 for all of them up to [Keys#PAGE_ENTRIES_MAX];
  ///   never negative
  /// @throws StorageException `COMPACTED` or `FUTURE_REVISION` when `at` is not held
  Page list(String prefix, String from, int limit, ReadAt at);

  /// Puts `value` under a key that has none.
  ///
  /// @param timeToLive after which the store deletes the entry by itself, with an event; null for
  ///   never. At least a second, which is the caller's to see to; kept to the second
  /// @return `Written`, or `Exists`
  Outcome create(String key, byte[] value, @Nullable Duration timeToLive);

  /// Replaces the value under `key` if the entry is still at `expectedRevision`. The time to live
  /// is the new one: null takes away a former one.
  ///
  /// @return `Written`, or `Changed`, or `Missing`
  Outcome update(String key, byte[] value, long expectedRevision, @Nullable Duration timeToLive);

  /// Removes the entry if it is still at `expectedRevision`.
  ///
  /// @return `Written` with the entry that was removed, or `Changed`, or `Missing`
  Outcome delete(String key, long expectedRevision);

  /// Every change to keys that begin with `prefix` after `afterRevision`, in the order of
  /// revisions, each once.
  ///
  /// @throws StorageException `COMPACTED` when some of them are gone, `FUTURE_REVISION` when
  ///   `afterRevision` is not reached yet
  Watch watch(String prefix, long afterRevision);

  /// Forgets what only revisions before `revision` need. Reads at `revision` and later, and watches
  /// after `revision` and later, go on; a lower or a former one has no effect.
  ///
  /// @throws StorageException `FUTURE_REVISION`
  void compact(long revision);

  /// The lowest revision that reads and watches may still name.
  long compactedRevision();

  /// How many entries begin with `prefix`, and how many bytes their keys and values have.
  Stats stats(String prefix);

  /// Writes a copy of the whole store as of one revision into `target`, which must not exist, while
  /// reads and writes go on, and verifies it. When it fails, `target` is not left behind.
  ///
  /// @return the revision that the copy holds
  long backup(Path target);

  @Override
  void close();

  /// What [Storage#stats] counts.
  record Stats(long entries, long bytes) {}
}
