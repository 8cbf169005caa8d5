package dev.otherix.apiserver.storage;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A value under its key, and the revision of the write that put it there. Immutable by agreement:
/// nobody changes the array.
public final class Entry {
  private final String key;
  private final byte[] value;
  private final long revision;

  public Entry(String key, byte[] value, long revision) {
    this.key = key;
    this.value = value;
    this.revision = revision;
  }

  public String key() {
    return key;
  }

  public byte[] value() {
    return value;
  }

  public long revision() {
    return revision;
  }

  /// What it counts for in [Storage.Stats].
  long bytes() {
    return (long) key.length() + value.length;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Entry that
        && revision == that.revision
        && key.equals(that.key)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return 31 * key.hashCode() + Long.hashCode(revision);
  }

  @Override
  public String toString() {
    return key + "@" + revision + " (" + value.length + " bytes)";
  }
}
