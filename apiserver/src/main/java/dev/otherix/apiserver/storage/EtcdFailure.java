package dev.otherix.apiserver.storage;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/// What a failed call to etcd means. Etcd tells most of it only in the text of the error.
enum EtcdFailure {
  /// The revision asked for is compacted.
  COMPACTED,
  /// The revision asked for is not reached yet.
  FUTURE_REVISION,
  /// Larger than a request or a message to the server may be.
  TOO_LARGE,
  /// The quota of the server is used up.
  FULL,
  /// The server sheds load.
  BUSY,
  /// The lease to put under is gone; nothing was written.
  LEASE_GONE,
  /// The token is no longer good; nothing happened.
  TOKEN,
  /// The user may not; nothing happened.
  DENIED,
  /// The server's data is damaged.
  CORRUPT,
  /// The server refused before it did anything; another one may not.
  REFUSED,
  /// There is no telling what the server did, if the call reached it.
  LOST;

  static EtcdFailure of(Status status) {
    String text = String.valueOf(status.getDescription());
    if (text.contains("request is too large") || text.contains("message larger than max")) {
      return TOO_LARGE;
    }
    if (text.contains("invalid auth token")
        || text.contains("revision of auth store is old")
        || text.contains("user name is empty")) {
      return TOKEN;
    }
    if (text.contains("permission denied") || text.contains("authentication failed")) {
      return DENIED;
    }
    return switch (status.getCode()) {
      case OUT_OF_RANGE -> text.contains("compacted") ? COMPACTED : FUTURE_REVISION;
      case RESOURCE_EXHAUSTED -> text.contains("space exceeded") ? FULL : BUSY;
      case NOT_FOUND -> LEASE_GONE;
      case DATA_LOSS -> CORRUPT;
      case UNAVAILABLE -> text.contains("no leader") ? REFUSED : LOST;
      case UNAUTHENTICATED, PERMISSION_DENIED -> DENIED;
      case OK,
          CANCELLED,
          UNKNOWN,
          INVALID_ARGUMENT,
          DEADLINE_EXCEEDED,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          ABORTED,
          UNIMPLEMENTED,
          INTERNAL ->
          LOST;
    };
  }

  /// The exception for the caller of the store.
  ///
  /// @param mayHaveHappened whether it was a write that reached a connection
  StorageException exception(String what, StatusRuntimeException cause, boolean mayHaveHappened) {
    StorageException.Reason reason =
        switch (this) {
          case COMPACTED -> StorageException.Reason.COMPACTED;
          case FUTURE_REVISION -> StorageException.Reason.FUTURE_REVISION;
          case TOO_LARGE -> StorageException.Reason.TOO_LARGE;
          case FULL -> StorageException.Reason.FULL;
          case BUSY -> StorageException.Reason.BUSY;
          case CORRUPT -> StorageException.Reason.CORRUPT;
          case LEASE_GONE, TOKEN, DENIED, REFUSED -> StorageException.Reason.UNAVAILABLE;
          case LOST ->
              mayHaveHappened
                  ? StorageException.Reason.UNKNOWN_OUTCOME
                  : StorageException.Reason.UNAVAILABLE;
        };
    return new StorageException(reason, message(what, cause.getStatus(), reason), cause);
  }

  private String message(String what, Status status, StorageException.Reason reason) {
    String detail = line(status);
    return switch (this) {
      case TOO_LARGE -> what + ": larger than etcd takes (--max-request-bytes): " + detail;
      case FULL ->
          what + ": etcd is full; compact, defragment, and disarm its NOSPACE alarm: " + detail;
      case TOKEN, DENIED -> what + ": etcd refuses; check user, password and role: " + detail;
      case COMPACTED, FUTURE_REVISION, BUSY, LEASE_GONE, CORRUPT, REFUSED, LOST ->
          reason == StorageException.Reason.UNKNOWN_OUTCOME
              ? what + ": the answer is lost; it may have happened: " + detail
              : what + ": etcd did not answer: " + detail;
    };
  }

  /// Code and text; of texts that go on with a trace, the first line.
  static String line(Status status) {
    String text = String.valueOf(status.getDescription());
    int end = text.indexOf('\n');
    return status.getCode() + ": " + (end < 0 ? text : text.substring(0, end));
  }

  /// Whether `failure` says that a lease was gone.
  static boolean leaseGone(StorageException failure) {
    return failure.getCause() instanceof StatusRuntimeException cause
        && of(cause.getStatus()) == LEASE_GONE;
  }
}
