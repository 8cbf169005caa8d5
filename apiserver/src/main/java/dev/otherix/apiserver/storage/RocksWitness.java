package dev.otherix.apiserver.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the database must at least have, in a file beside it: the highest revision that was
/// acknowledged, and how its `MANIFEST` begins. RocksDB drops a torn end of its log and of its
/// manifest, which is right after a crash in the middle of a write; it cannot tell such an end from
/// one that lost acknowledged writes later. This file can.
///
/// Written after each commit and before its writes are answered, without a sync of its own: a
/// process that dies loses nothing of it, a machine that loses power may find an older state of it,
/// which then proves a little less. Never ahead of what is durable. Confined to the turn
/// ([RocksTurn]).
final class RocksWitness implements AutoCloseable {
  private static final String NAME = "ACKNOWLEDGED";
  private static final long CHECK = 0x4f74_6865_7269_7821L;
  private static final int BYTES = 5 * Long.BYTES;

  private final Path file;

  /// Not a channel, which an interrupt of the thread that commits would close.
  private final RandomAccessFile out;

  private RocksManifest manifest;
  private long revision;

  private RocksWitness(Path file, RandomAccessFile out, RocksManifest manifest, long revision) {
    this.file = file;
    this.out = out;
    this.manifest = manifest;
    this.revision = revision;
  }

  /// What the file says.
  private record Testimony(long revision, long manifest, long bytes, long checksum) {
    byte[] encoded() {
      return ByteBuffer.allocate(BYTES)
          .putLong(revision)
          .putLong(manifest)
          .putLong(bytes)
          .putLong(checksum)
          .putLong(check())
          .array();
    }

    private long check() {
      long check = CHECK ^ revision;
      check = Long.rotateLeft(check, 17) ^ manifest;
      check = Long.rotateLeft(check, 17) ^ bytes;
      return Long.rotateLeft(check, 17) ^ checksum;
    }
  }

  static boolean exists(Path directory) {
    return Files.exists(directory.resolve(NAME));
  }

  /// To be asked before RocksDB opens the directory, because that replaces the manifest and removes
  /// what it does not speak of.
  ///
  /// @throws StorageException `CORRUPT` when the manifest has lost something
  static void requireManifest(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return;
    }
    Testimony known = read(file);
    if (!RocksManifest.continues(directory, known.manifest, known.bytes, known.checksum)) {
      throw new StorageException(
          StorageException.Reason.CORRUPT,
          "the manifest of the store in "
              + directory
              + " is damaged or cut off, so that parts of it would be lost; "
              + remedy(file));
    }
  }

  /// @param revision the last one that the database has
  /// @throws StorageException `CORRUPT` when a later one was acknowledged
  static RocksWitness open(Path directory, long revision) {
    Path file = directory.resolve(NAME);
    try {
      if (Files.exists(file)) {
        requireRevision(file, revision);
      }
      RocksWitness witness =
          new RocksWitness(
              file,
              new RandomAccessFile(file.toFile(), "rw"),
              RocksManifest.current(directory),
              revision);
      witness.write();
      witness.out.getFD().sync();
      return witness;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static Testimony read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length == BYTES) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      Testimony read = new Testimony(in.getLong(), in.getLong(), in.getLong(), in.getLong());
      if (in.getLong() == read.check()) {
        return read;
      }
    }
    throw new StorageException(
        StorageException.Reason.CORRUPT,
        file + " is damaged, so that nobody can tell whether writes are missing; " + remedy(file));
  }

  private static void requireRevision(Path file, long revision) throws IOException {
    long acknowledged = read(file).revision;
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

  /// Everything up to `revision` is durable.
  void record(long revision) {
    this.revision = revision;
    try {
      write();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /// Looks how far the manifest has come; the more often, the more a later check can prove.
  void recordManifest() {
    try {
      if (manifest.advance()) {
        write();
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private void write() throws IOException {
    out.seek(0);
    out.write(
        new Testimony(revision, manifest.number(), manifest.bytes(), manifest.checksum())
            .encoded());
  }

  private static StorageException failed(Path file, IOException e) {
    return new StorageException(
        StorageException.Reason.UNAVAILABLE, "cannot write " + file + ": " + e.getMessage(), e);
  }

  /// To be called when the database is closed.
  @Override
  public void close() {
    try (out) {
      if (out.getFD().valid()) {
        recordManifest();
        out.getFD().sync();
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
