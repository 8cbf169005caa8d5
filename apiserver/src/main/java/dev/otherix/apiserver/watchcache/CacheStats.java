package dev.otherix.apiserver.watchcache;

/// What a [WatchCache] holds and has done.
///
/// @param objects items in the current state
/// @param bytes of their keys and bodies
/// @param revision how far the cache has come
/// @param ringEvents changes that are kept
/// @param ringCapacity changes for which the ring has room before it grows
/// @param ringBytes of the former items that they hold
/// @param snapshots former states that are kept
/// @param watchers open watches
/// @param evictions changes that the ring let go
/// @param expired watches that were ended because they could not go on
/// @param reloads how often everything was loaded again
/// @param resumes how often the store's watch broke and went on without loss
/// @param waits reads that had to wait for a fresh state
/// @param storeReads reads that the store answered because memory could not
/// @param received changes that the store told
/// @param progress how often the store told how far it is, and no change
public record CacheStats(
    long objects,
    long bytes,
    long revision,
    long ringEvents,
    long ringCapacity,
    long ringBytes,
    long snapshots,
    long watchers,
    long evictions,
    long expired,
    long reloads,
    long resumes,
    long waits,
    long storeReads,
    long received,
    long progress,
    Consistent consistent,
    Lists lists) {

  /// Reads of the state as it is now.
  ///
  /// @param fromMemory answered by the cache
  /// @param fromStore answered by the store because the cache did not come up with it in time
  public record Consistent(long fromMemory, long fromStore) {}

  /// What lists cost.
  ///
  /// @param fetched objects that the store had to read for them
  /// @param evaluated objects that were looked at
  /// @param returned objects that were in the answers
  public record Lists(long total, long fetched, long evaluated, long returned) {}
}
