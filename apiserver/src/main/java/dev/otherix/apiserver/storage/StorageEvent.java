package dev.otherix.apiserver.storage;

/// One change of one key. Whoever watches by a filter needs the former value too, to tell whether
/// the entry came into view or left it.
public sealed interface StorageEvent {
  String key();

  /// Of the write that made the change.
  long revision();

  /// What its keys and values have.
  long bytes();

  /// The key had no entry before.
  record Created(Entry entry) implements StorageEvent {
    @Override
    public String key() {
      return entry.key();
    }

    @Override
    public long revision() {
      return entry.revision();
    }

    @Override
    public long bytes() {
      return entry.bytes();
    }
  }

  /// The key had `previous`.
  record Updated(Entry entry, Entry previous) implements StorageEvent {
    @Override
    public String key() {
      return entry.key();
    }

    @Override
    public long revision() {
      return entry.revision();
    }

    @Override
    public long bytes() {
      return entry.bytes() + previous.bytes();
    }
  }

  /// The key has no entry any more.
  record Deleted(Entry previous, long revision) implements StorageEvent {
    @Override
    public String key() {
      return previous.key();
    }

    @Override
    public long bytes() {
      return previous.bytes();
    }
  }
}
