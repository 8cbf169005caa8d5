package dev.otherix.apiserver.storage;

import java.time.Duration;
import java.util.List;

/// A cursor over the changes of a store. Confined to one thread, except [#close].
public interface Watch extends AutoCloseable {
  /// The next changes, or after `timeout` none. Two batches never overlap and leave nothing out. A
  /// call that is interrupted loses nothing either: the next one goes on.
  ///
  /// @throws StorageException `COMPACTED` when the cursor fell behind what the store keeps;
  ///   `UNAVAILABLE` when the store cannot be reached: the watch is over, a new one may follow
  ///   after [Batch#revision] of the last batch; `CLOSED`
  Batch next(Duration timeout) throws InterruptedException;

  @Override
  void close();

  /// @param events in the order of their revisions
  /// @param revision all changes up to it have been handed out, so that it may be ahead of the last
  ///   event: progress for who waits on quiet keys
  record Batch(List<StorageEvent> events, long revision) {}
}
