package dev.otherix.apiserver.storage;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// RocksDB's errors in our words: what was tried, where, why not, what to do.
final class RocksFailure {
  static final String REMEDY =
      ". It is damaged. Move the directory away and restore a backup into an empty one";

  private RocksFailure() {}

  /// @param what was tried, such as `read`
  static StorageException of(Path directory, String what, RocksDBException e) {
    boolean damaged = code(e) == Status.Code.Corruption;
    return new StorageException(
        damaged ? StorageException.Reason.CORRUPT : StorageException.Reason.UNAVAILABLE,
        "cannot "
            + what
            + " in the store "
            + directory
            + ": "
            + e.getMessage()
            + (damaged ? REMEDY : ""),
        e);
  }

  static StorageException onOpening(Path directory, RocksDBException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("lock file") || message.contains("lock hold")) {
      return new StorageException(
          StorageException.Reason.UNAVAILABLE,
          "the store in "
              + directory
              + " is in use already; stop the other server, or give this one another directory",
          e);
    }
    boolean damaged =
        code(e) == Status.Code.Corruption
            || message.contains("Corruption")
            || message.contains("No such file");
    return new StorageException(
        damaged ? StorageException.Reason.CORRUPT : StorageException.Reason.UNAVAILABLE,
        "cannot open the store in " + directory + ": " + message + (damaged ? REMEDY : ""),
        e);
  }

  static StorageException unreachable(Path directory, IOException e) {
    return new StorageException(
        StorageException.Reason.UNAVAILABLE,
        "cannot use the data directory " + directory + ": " + e.getMessage(),
        e);
  }

  private static Status.@Nullable Code code(RocksDBException e) {
    return e.getStatus() == null ? null : e.getStatus().getCode();
  }
}
