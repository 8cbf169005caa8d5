package dev.otherix.apiserver.watchcache;

/// Where a watch begins.
public sealed interface WatchStart {
  /// Every change after that revision.
  record After(long revision) implements WatchStart {}

  /// Only changes after the state that is `freshness`.
  record Now(Freshness freshness) implements WatchStart {}

  /// An `Added` for every item of the state that is `freshness`, in key order, then the changes.
  ///
  /// @param endBookmark whether a bookmark ends the former, if the watch wants bookmarks
  record Initial(Freshness freshness, boolean endBookmark) implements WatchStart {}
}
