package dev.otherix.apiserver.storage;

import org.jspecify.annotations.Nullable;

/// A request to a store that failed for another reason than a precondition.
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Why. All but one mean that nothing was written.
  public enum Reason {
    /// The revision is older than the history.
    COMPACTED,
    /// The revision is not reached yet.
    FUTURE_REVISION,
    /// The value is larger than the store takes.
    TOO_LARGE,
    /// No space is left for writes; reads go on.
    FULL,
    /// More writes wait than the store lets wait; come again.
    BUSY,
    /// The store cannot be reached now; nothing was written.
    UNAVAILABLE,
    /// The write was sent and its answer is lost: it may have happened.
    UNKNOWN_OUTCOME,
    /// What is stored is damaged; the message says what and how to restore.
    CORRUPT,
    /// The store was closed.
    CLOSED
  }

  private final Reason reason;

  public StorageException(Reason reason, String message) {
    this(reason, message, null);
  }

  public StorageException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  static StorageException compacted(long revision, long compacted) {
    return new StorageException(
        Reason.COMPACTED,
        "revision " + revision + " is compacted; the oldest that is held is " + compacted);
  }

  static StorageException future(long revision, long current) {
    return new StorageException(
        Reason.FUTURE_REVISION,
        "revision " + revision + " is not reached yet; the current one is " + current);
  }

  static StorageException closed() {
    return new StorageException(Reason.CLOSED, "the store is closed");
  }
}
