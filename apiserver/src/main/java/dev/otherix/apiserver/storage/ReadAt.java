package dev.otherix.apiserver.storage;

/// Which state a read wants.
///
/// @param revision precisely this one, or 0 for the latest
public record ReadAt(long revision) {
  /// The state after every write that has returned.
  public static final ReadAt LATEST = new ReadAt(0);

  public ReadAt {
    if (revision < 0) {
      throw new IllegalArgumentException("a revision is never negative: " + revision);
    }
  }

  /// The state right after the write with this revision.
  public static ReadAt revision(long revision) {
    if (revision == 0) {
      throw new IllegalArgumentException("revision 0 has no state; LATEST is another wish");
    }
    return new ReadAt(revision);
  }

  public boolean latest() {
    return revision == 0;
  }
}
