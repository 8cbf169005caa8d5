package dev.otherix.apiserver.storage;

import java.util.concurrent.CompletableFuture;

/// A write that waits for its turn, and what becomes of it.
sealed interface RocksWrite {
  /// Completed by whoever commits, when the write is durable or refused.
  CompletableFuture<Verdict> verdict();

  /// What it adds to a batch.
  default long bytes() {
    return switch (this) {
      case Create create -> create.value.length;
      case Update update -> update.value.length;
      case Delete _, Compact _ -> 0;
    };
  }

  record Create(String key, byte[] value, long expiresAtMillis, CompletableFuture<Verdict> verdict)
      implements RocksWrite {}

  /// `previous` was read by the caller at the revision that it expects.
  record Update(
      Entry previous, byte[] value, long expiresAtMillis, CompletableFuture<Verdict> verdict)
      implements RocksWrite {}

  record Delete(Entry previous, CompletableFuture<Verdict> verdict) implements RocksWrite {}

  /// Not a write of a key: forget history.
  record Compact(long revision, CompletableFuture<Verdict> verdict) implements RocksWrite {}

  /// @param revision the write's own; 0 when its precondition did not hold
  /// @param current the revision that the key was at when the write was refused; 0 for no entry
  record Verdict(long revision, long current) {
    boolean written() {
      return revision != 0;
    }
  }
}
