package dev.otherix.apiserver.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/// The highest revision that was acknowledged, in a file beside the database. RocksDB drops a torn
/// end of its log, which is right after a crash in the middle of a write; it cannot tell such an
/// end from one that lost acknowledged writes later. This file can.
///
/// Written after each commit and before its writes are answered, without a sync of its own: a
/// process that dies loses nothing of it, a machine that loses power may find an older number,
/// which then proves a little less. Never ahead of what is durable. Confined to the writer thread.
final class RocksWitness implements AutoCloseable {
  private static final String NAME = "ACKNOWLEDGED";
  private static final long CHECK = 0x4f74_6865_7269_7821L;
  private static final int BYTES = 2 * Long.BYTES;

  private final Path file;

  /// Not a channel, which an interrupt of the writer thread would close.
  private final RandomAccessFile out;

  private RocksWitness(Path file, RandomAccessFile out) {
    this.file = file;
    this.out = out;
  }

  static boolean exists(Path directory) {
    return Files.exists(directory.resolve(NAME));
  }

  /// @param revision the last one that the database has
  /// @throws StorageException `CORRUPT` when a later one was acknowledged
  static RocksWitness open(Path directory, long revision) {
    Path file = directory.resolve(NAME);
    try {
      if (Files.exists(file)) {
        require(file, revision);
      }
      RocksWitness witness = new RocksWitness(file, new RandomAccessFile(file.toFile(), "rw"));
      witness.record(revision);
      witness.out.getFD().sync();
      return witness;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static void require(Path file, long revision) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long acknowledged = bytes.length == BYTES ? in.getLong() : -1;
    if (acknowledged < 0 || in.getLong() != (acknowledged ^ CHECK)) {
      throw new StorageException(
          StorageException.Reason.CORRUPT,
          file
              + " is damaged, so that nobody can tell whether writes are missing; "
              + remedy(file));
    }
    if (acknowledged > revision) {
      throw new StorageException(
          StorageException.Reason.CORRUPT,
          "the store in "
              + file.getParent()
              + " ends at revision "
              + revision
              + " but acknowledged writes up to "
              + acknowledged
              + "; "
              + remedy(file));
    }
  }

  private static String remedy(Path file) {
    return "restore a backup into an empty directory, or remove "
        + file
        + " to go on with what is there";
  }

  void record(long revision) {
    byte[] bytes = ByteBuffer.allocate(BYTES).putLong(revision).putLong(revision ^ CHECK).array();
    try {
      out.seek(0);
      out.write(bytes);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static StorageException failed(Path file, IOException e) {
    return new StorageException(
        StorageException.Reason.UNAVAILABLE, "cannot write " + file + ": " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try (out) {
      if (out.getFD().valid()) {
        out.getFD().sync();
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
