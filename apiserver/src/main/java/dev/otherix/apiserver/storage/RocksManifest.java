package dev.otherix.apiserver.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/// How far RocksDB's current `MANIFEST` file has come: its number, its length and a checksum of all
/// of it. RocksDB only appends to it, or goes on to a new one with a higher number. Confined to one
/// thread.
final class RocksManifest {
  private static final String BEGIN = "MANIFEST-";
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path directory;
  private final CRC32C checksum = new CRC32C();
  private long number;
  private long bytes;

  private RocksManifest(Path directory) {
    this.directory = directory;
  }

  static RocksManifest current(Path directory) throws IOException {
    RocksManifest manifest = new RocksManifest(directory);
    manifest.advance();
    return manifest;
  }

  /// Whether the directory's manifest still begins as it did, or is a newer one.
  static boolean continues(Path directory, long number, long bytes, long checksum)
      throws IOException {
    long current = currentNumber(directory);
    if (current != number) {
      return current > number;
    }
    RocksManifest manifest = new RocksManifest(directory);
    manifest.number = number;
    return Files.exists(manifest.file())
        && Files.size(manifest.file()) >= bytes
        && manifest.read(bytes)
        && manifest.checksum() == checksum;
  }

  /// Takes in what was appended since.
  ///
  /// @return whether that is anything
  boolean advance() throws IOException {
    long current = currentNumber(directory);
    if (current != number) {
      number = current;
      bytes = 0;
      checksum.reset();
    }
    return read(Files.size(file()));
  }

  /// Reads on until `end`.
  private boolean read(long end) throws IOException {
    if (end <= bytes) {
      return false;
    }
    try (RandomAccessFile in = new RandomAccessFile(file().toFile(), "r")) {
      in.seek(bytes);
      byte[] buffer = new byte[BUFFER_BYTES];
      while (bytes < end) {
        int length = in.read(buffer, 0, (int) Math.min(buffer.length, end - bytes));
        if (length < 0) {
          return false;
        }
        checksum.update(buffer, 0, length);
        bytes += length;
      }
      return true;
    }
  }

  long number() {
    return number;
  }

  long bytes() {
    return bytes;
  }

  long checksum() {
    return checksum.getValue();
  }

  private Path file() {
    return directory.resolve(BEGIN + String.format("%06d", number));
  }

  /// @return -1 when `CURRENT` says nothing sensible, which RocksDB finds out by itself
  private static long currentNumber(Path directory) throws IOException {
    byte[] content = Files.readAllBytes(directory.resolve("CURRENT"));
    String name = new String(content, StandardCharsets.US_ASCII).strip();
    if (!name.startsWith(BEGIN)) {
      return -1;
    }
    try {
      return Long.parseLong(name.substring(BEGIN.length()));
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
