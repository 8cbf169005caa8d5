package dev.otherix.apiserver.storage;

import org.jspecify.annotations.Nullable;

/// What became of a write.
public sealed interface Outcome {
  /// It is durable.
  ///
  /// @param revision the write's own
  /// @param previous the entry that was replaced or removed; null for a create
  record Written(long revision, @Nullable Entry previous) implements Outcome {}

  /// Nothing was written: the key to create is there already.
  record Exists(Entry current) implements Outcome {}

  /// Nothing was written: the entry is at another revision than expected.
  record Changed(Entry current) implements Outcome {}

  /// Nothing was written: there is no such entry.
  record Missing() implements Outcome {}
}
