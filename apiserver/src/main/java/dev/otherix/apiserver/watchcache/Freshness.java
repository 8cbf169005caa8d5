package dev.otherix.apiserver.watchcache;

/// Which state a reader wants to see.
public sealed interface Freshness {
  /// Whatever is in memory, however old.
  Freshness ANY = new Any();

  /// All writes that returned before the read began.
  Freshness LATEST = new Latest();

  /// See [Freshness#ANY].
  record Any() implements Freshness {}

  /// See [Freshness#LATEST].
  record Latest() implements Freshness {}

  /// At least the state after that write: what a writer needs to read its own write.
  record NotOlderThan(long revision) implements Freshness {}

  /// Precisely the state after that write.
  record Exactly(long revision) implements Freshness {}
}
