package dev.otherix.apiserver.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The bytes in RocksDB's four column families:
///
/// ```
/// default  "format", "compacted", "swept", "revision" (the floor after a restore),
///          "restoring" (while one runs) -> number
/// head     key                      -> revision, expiry, value length      the live entries
/// version  key 00 (max - revision)  -> 00 | 01 value | 02 expiry value     newest first per key
/// log      revision                 -> kind, time, former revision, key    one record per write
/// ```
///
/// All numbers are big-endian, so that byte order is their order. Keys are ASCII and never hold 00.
final class RocksFormat {
  static final int FORMAT = 1;
  static final byte[] FORMAT_KEY = ascii("format");
  static final byte[] COMPACTED_KEY = ascii("compacted");
  static final byte[] SWEPT_KEY = ascii("swept");
  static final byte[] RESTORING_KEY = ascii("restoring");
  static final byte[] REVISION_KEY = ascii("revision");

  private static final byte REMOVED = 0;
  private static final byte LIVE = 1;
  private static final byte EXPIRING = 2;
  private static final int REVISION_BYTES = Long.BYTES;
  private static final byte[] TOMBSTONE = {REMOVED};

  private RocksFormat() {}

  /// Where a key's live entry is.
  ///
  /// @param expiresAtMillis 0 for never
  record Head(long revision, long expiresAtMillis, int valueBytes) {}

  enum Change {
    CREATED(1),
    UPDATED(2),
    DELETED(3);

    private final byte code;

    Change(int code) {
      this.code = (byte) code;
    }

    private static Change of(byte code) {
      return switch (code) {
        case 1 -> CREATED;
        case 2 -> UPDATED;
        case 3 -> DELETED;
        default -> throw unknown(code);
      };
    }
  }

  /// What one write did.
  ///
  /// @param former the revision that the key had before, 0 for none
  record LogRecord(long revision, Change change, long atMillis, long former, String key) {}

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static String text(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.US_ASCII);
  }

  static byte[] number(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  static long number(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getLong();
  }

  static byte[] head(Head head) {
    return ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES)
        .putLong(head.revision)
        .putLong(head.expiresAtMillis)
        .putInt(head.valueBytes)
        .array();
  }

  static Head head(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new Head(in.getLong(), in.getLong(), in.getInt());
  }

  static byte[] versionKey(String key, long revision) {
    byte[] bytes = new byte[key.length() + 1 + REVISION_BYTES];
    for (int i = 0; i < key.length(); i++) {
      bytes[i] = (byte) key.charAt(i);
    }
    ByteBuffer.wrap(bytes, key.length() + 1, REVISION_BYTES).putLong(Long.MAX_VALUE - revision);
    return bytes;
  }

  static String keyOfVersion(byte[] versionKey) {
    return text(versionKey, 0, versionKey.length - 1 - REVISION_BYTES);
  }

  /// Where the versions of `from` and of all keys behind it begin. `key + \0` is the place behind
  /// `key`; as bytes it would be in front of its versions.
  static byte[] firstVersion(String from) {
    return from.endsWith("\0") ? behindVersions(from.substring(0, from.length() - 1)) : ascii(from);
  }

  /// Sorts behind every version of `key` and in front of the next key's.
  static byte[] behindVersions(String key) {
    byte[] bytes = Arrays.copyOf(ascii(key), key.length() + 1);
    bytes[key.length()] = 1;
    return bytes;
  }

  static long revisionOfVersion(byte[] versionKey) {
    return Long.MAX_VALUE
        - ByteBuffer.wrap(versionKey, versionKey.length - REVISION_BYTES, REVISION_BYTES).getLong();
  }

  static byte[] version(byte[] value, long expiresAtMillis) {
    if (expiresAtMillis == 0) {
      return ByteBuffer.allocate(1 + value.length).put(LIVE).put(value).array();
    }
    ByteBuffer out = ByteBuffer.allocate(1 + Long.BYTES + value.length).put(EXPIRING);
    return out.putLong(expiresAtMillis).put(value).array();
  }

  static byte[] tombstone() {
    return TOMBSTONE;
  }

  /// The value, or null for a removal.
  static byte @Nullable [] value(byte[] version) {
    return switch (version[0]) {
      case REMOVED -> null;
      case LIVE -> Arrays.copyOfRange(version, 1, version.length);
      case EXPIRING -> Arrays.copyOfRange(version, 1 + Long.BYTES, version.length);
      default -> throw unknown(version[0]);
    };
  }

  static @Nullable Instant expires(byte[] version) {
    return version[0] == EXPIRING
        ? Instant.ofEpochMilli(ByteBuffer.wrap(version, 1, Long.BYTES).getLong())
        : null;
  }

  private static StorageException unknown(byte flag) {
    return new StorageException(
        StorageException.Reason.CORRUPT,
        "a stored record begins with " + flag + ", which this build does not know");
  }

  static byte[] logRecord(LogRecord entry) {
    ByteBuffer out = ByteBuffer.allocate(1 + 2 * Long.BYTES + entry.key.length());
    out.put(entry.change.code).putLong(entry.atMillis).putLong(entry.former);
    return out.put(ascii(entry.key)).array();
  }

  static LogRecord logRecord(byte[] key, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    Change change = Change.of(in.get());
    long atMillis = in.getLong();
    long former = in.getLong();
    return new LogRecord(
        number(key), change, atMillis, former, text(bytes, in.position(), in.remaining()));
  }
}
