package dev.otherix.apiserver.storage;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A copy of a store in one file, the same for every engine, so that a backup of one restores into
/// another. Entries in key order without history:
///
/// ```
/// "OTHERIXB" format:int revision:long
/// { 1:byte key:utf revision:long expiresAtMillis:long length:int value }*
/// 0:byte count:long sha256:32 bytes of all before it
/// ```
final class BackupFile {
  private static final byte[] MAGIC = {'O', 'T', 'H', 'E', 'R', 'I', 'X', 'B'};
  private static final int FORMAT = 1;
  private static final int BUFFER_BYTES = 1 << 16;

  private BackupFile() {}

  /// An entry of a backup; `expires` is null when it never does.
  record Saved(Entry entry, @Nullable Instant expires) {}

  /// Begins a file; nothing is at `target` before [Writer#commit], and nothing stays when it is
  /// closed without.
  static Writer create(Path target, long revision) {
    if (Files.exists(target)) {
      throw new StorageException(
          StorageException.Reason.UNAVAILABLE,
          "cannot write a backup to " + target + ": it exists; name a file that does not");
    }
    try {
      return new Writer(target, revision);
    } catch (IOException e) {
      throw failed("write", target, e);
    }
  }

  /// Reads the whole file, verifies it, and only then hands out its entries, in key order.
  ///
  /// @return the revision that it was taken at
  static long read(Path source, Consumer<Saved> entries) {
    try {
      check(source);
      try (DataInputStream in = open(source, sha256())) {
        long revision = header(source, in);
        for (Saved saved = next(in); saved != null; saved = next(in)) {
          entries.accept(saved);
        }
        return revision;
      }
    } catch (IOException e) {
      throw failed("read", source, e);
    }
  }

  /// @throws StorageException `CORRUPT` when the file is not a whole backup
  static void verify(Path source) {
    try {
      check(source);
    } catch (IOException e) {
      throw failed("read", source, e);
    }
  }

  private static void check(Path source) throws IOException {
    MessageDigest digest = sha256();
    try (DataInputStream in = open(source, digest)) {
      header(source, in);
      long count = 0;
      while (next(in) != null) {
        count++;
      }
      boolean counted = in.readLong() == count;
      byte[] computed = digest.digest();
      boolean same = MessageDigest.isEqual(computed, in.readNBytes(computed.length));
      if (!counted || !same || in.read() >= 0) {
        throw damaged(source, "its checksum does not match its content");
      }
    } catch (EOFException | UTFDataFormatException e) {
      throw damaged(source, "its content is cut off or garbled (" + e.getMessage() + ")");
    }
  }

  private static long header(Path source, DataInputStream in) throws IOException {
    if (!MessageDigest.isEqual(MAGIC, in.readNBytes(MAGIC.length))) {
      throw damaged(source, "it is not a backup of Otherix");
    }
    int format = in.readInt();
    if (format != FORMAT) {
      throw damaged(source, "its format is " + format + "; this build reads " + FORMAT);
    }
    return in.readLong();
  }

  private static @Nullable Saved next(DataInputStream in) throws IOException {
    if (in.readByte() == 0) {
      return null;
    }
    String key = in.readUTF();
    long revision = in.readLong();
    long expires = in.readLong();
    int length = in.readInt();
    if (length < 0 || length > Keys.VALUE_BYTES_MAX) {
      throw new EOFException("a value of " + length + " bytes");
    }
    byte[] value = in.readNBytes(length);
    if (value.length < length) {
      throw new EOFException("a value is cut off");
    }
    return new Saved(
        new Entry(key, value, revision), expires == 0 ? null : Instant.ofEpochMilli(expires));
  }

  private static DataInputStream open(Path source, MessageDigest digest) throws IOException {
    return new DataInputStream(
        new DigestInputStream(
            new BufferedInputStream(Files.newInputStream(source), BUFFER_BYTES), digest));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static StorageException damaged(Path source, String why) {
    return new StorageException(
        StorageException.Reason.CORRUPT,
        "cannot restore from " + source + ": " + why + "; use another backup");
  }

  private static StorageException failed(String what, Path file, IOException e) {
    return new StorageException(
        StorageException.Reason.UNAVAILABLE,
        "cannot " + what + " the backup " + file + ": " + e.getMessage(),
        e);
  }

  /// Writes beside the target and renames at the end. Confined to one thread.
  static final class Writer implements AutoCloseable {
    private final Path target;
    private final Path partial;
    private final MessageDigest digest = sha256();
    private final DataOutputStream out;
    private long count;

    private Writer(Path target, long revision) throws IOException {
      this.target = target;
      this.partial = target.resolveSibling(target.getFileName() + ".partial");
      this.out =
          new DataOutputStream(
              new DigestOutputStream(
                  new BufferedOutputStream(Files.newOutputStream(partial), BUFFER_BYTES), digest));
      try {
        out.write(MAGIC);
        out.writeInt(FORMAT);
        out.writeLong(revision);
      } catch (IOException e) {
        close();
        throw e;
      }
    }

    void add(Entry entry, @Nullable Instant expires) {
      try {
        out.writeByte(1);
        out.writeUTF(entry.key());
        out.writeLong(entry.revision());
        out.writeLong(expires == null ? 0 : expires.toEpochMilli());
        out.writeInt(entry.value().length);
        out.write(entry.value());
        count++;
      } catch (IOException e) {
        throw failed("write", target, e);
      }
    }

    /// Makes it durable, reads it back, and gives it its name.
    void commit() {
      try {
        out.writeByte(0);
        out.writeLong(count);
        out.write(digest.digest());
        out.flush();
        out.close();
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
        check(partial);
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(folder(target), StandardOpenOption.READ)) {
          folder.force(true);
        }
      } catch (IOException e) {
        throw failed("write", target, e);
      }
    }

    private static Path folder(Path target) {
      Path folder = target.toAbsolutePath().getParent();
      return folder == null ? target.toAbsolutePath() : folder;
    }

    /// Removes what is not finished, also when closing fails because the disk is full.
    @Override
    public void close() {
      try (out) {
        Files.deleteIfExists(partial);
      } catch (IOException e) {
        throw failed("tidy up after", target, e);
      }
    }
  }
}
