package dev.otherix.apiserver.openapi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// One protobuf message as it grows. Fields that have protobuf's default value are left out, except
/// inside of lists.
final class ProtoBuffer {
  /// More than thousands of kinds need; a document that is larger is a bug.
  static final int BYTES_MAX = 512 * 1024 * 1024;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(128);

  ProtoBuffer string(int field, String value) {
    return value.isEmpty() ? this : item(field, value);
  }

  /// One of a list of texts.
  ProtoBuffer item(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  ProtoBuffer bool(int field, boolean value) {
    return integer(field, value ? 1 : 0);
  }

  ProtoBuffer integer(int field, long value) {
    if (value != 0) {
      tag(field, VARINT);
      varint(value);
    }
    return this;
  }

  ProtoBuffer number(int field, double value) {
    long bits = Double.doubleToRawLongBits(value);
    if (bits != 0) {
      tag(field, FIXED64);
      for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
        out.write((int) (bits >>> shift));
      }
    }
    return this;
  }

  ProtoBuffer message(int field, ProtoBuffer value) {
    tag(field, LENGTH);
    varint(value.out.size());
    require(value.out.size());
    out.writeBytes(value.out.toByteArray());
    return this;
  }

  private ProtoBuffer bytes(int field, byte[] value) {
    tag(field, LENGTH);
    varint(value.length);
    require(value.length);
    out.writeBytes(value);
    return this;
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  private void require(int more) {
    if ((long) out.size() + more > BYTES_MAX) {
      throw new IllegalStateException("an OpenAPI document of more than " + BYTES_MAX + " bytes");
    }
  }

  private void tag(int field, int wireType) {
    varint(((long) field << 3) | wireType);
  }

  private void varint(long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      out.write((int) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }
}
