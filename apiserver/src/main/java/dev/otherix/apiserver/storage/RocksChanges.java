package dev.otherix.apiserver.storage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Puts and removals that are written together, in the form that RocksDB's log has, so that a batch
/// of any size crosses into native code once. Confined to one thread.
///
/// ```
/// sequence (8 bytes, RocksDB's to fill in), count of records (4), then for each:
/// 05 family length key length value | 04 family length key
/// ```
///
/// These numbers are little-endian; a family and a length have seven bits a byte, lowest first.
final class RocksChanges {
  private static final int COUNT_AT = Long.BYTES;
  private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;
  private static final int VARINT_BYTES_MAX = 5;
  private static final int RECORD_OVERHEAD_MAX = 1 + 3 * VARINT_BYTES_MAX;
  private static final byte REMOVAL = 4;
  private static final byte PUT = 5;

  private byte[] bytes = new byte[4096];
  private int size = HEADER_BYTES;
  private int count;

  void put(RocksDatabase.Family family, byte[] key, byte[] value) {
    begin(PUT, family, key.length + value.length);
    append(key);
    append(value);
  }

  void remove(RocksDatabase.Family family, byte[] key) {
    begin(REMOVAL, family, key.length);
    append(key);
  }

  private void begin(byte kind, RocksDatabase.Family family, int contentBytes) {
    int needed = Math.addExact(Math.addExact(size, contentBytes), RECORD_OVERHEAD_MAX);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, 2 * bytes.length));
    }
    count++;
    bytes[size++] = kind;
    varint(family.id());
  }

  private void append(byte[] content) {
    varint(content.length);
    System.arraycopy(content, 0, bytes, size, content.length);
    size += content.length;
  }

  private void varint(int number) {
    int rest = number;
    while (rest >= 0x80) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /// All of them, as RocksDB takes them.
  byte[] serialized() {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(COUNT_AT, count);
    return Arrays.copyOf(bytes, size);
  }
}
