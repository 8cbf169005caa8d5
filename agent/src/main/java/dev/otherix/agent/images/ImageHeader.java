package dev.otherix.agent.images;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.ImageException.Reason;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// What the first bytes of an image say. A qcow2 file may name other files of the host, which QEMU
/// would open; such an image is refused before QEMU sees it.
///
/// @param virtualBytes what a guest sees as the disk's size; for raw the file's size
public record ImageHeader(Format format, long virtualBytes) {
  /// How much of a file [#read] needs.
  public static final int BYTES = 64 * 1024;

  private static final int MAGIC = 0x514649fb;
  private static final int EXTERNAL_DATA = 1 << 2;
  private static final int KNOWN_FEATURES = 0b11011;
  private static final int EXTENSION_END = 0;
  private static final int EXTENSION_DATA_FILE = 0x44415441;
  private static final int EXTENSION_BACKING_FORMAT = 0xe2792aca;
  private static final int VERSION_2_HEADER = 72;
  private static final int SECTOR = 512;
  private static final long VIRTUAL_BYTES_MAX = 64L * 1024 * 1024 * 1024 * 1024;

  /// @param start the file's first [#BYTES], or all of it
  /// @param fileBytes how long it is
  /// @throws ImageException when it must not be used
  public static ImageHeader read(ByteBuffer start, long fileBytes) {
    ByteBuffer in = start.slice();
    if (in.remaining() < Integer.BYTES || in.getInt(0) != MAGIC) {
      if (fileBytes == 0 || fileBytes % SECTOR != 0) {
        throw invalid("it is neither qcow2 nor a raw disk: a disk is a multiple of 512 bytes long");
      }
      return new ImageHeader(Format.RAW, fileBytes);
    }
    try {
      return qcow2(in);
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new ImageException(Reason.INVALID, "the image ends within its own header", e);
    }
  }

  private static ImageHeader qcow2(ByteBuffer in) {
    int version = in.getInt(4);
    if (version != 2 && version != 3) {
      throw invalid("it is qcow2 of version " + version + "; use 2 or 3");
    }
    if (in.getLong(8) != 0) {
      throw invalid("it has a backing file; make it whole with qemu-img convert -O qcow2");
    }
    if (in.getInt(32) != 0) {
      throw invalid("it is encrypted; offer it without encryption");
    }
    long virtual = in.getLong(24);
    if (virtual <= 0 || virtual > VIRTUAL_BYTES_MAX) {
      throw invalid("it says that the disk has " + virtual + " bytes");
    }
    int headerBytes = VERSION_2_HEADER;
    if (version == 3) {
      long features = in.getLong(72);
      if ((features & EXTERNAL_DATA) != 0) {
        throw invalid("its data is in another file; make it whole with qemu-img convert -O qcow2");
      }
      if ((features & ~KNOWN_FEATURES) != 0) {
        throw invalid("it needs features that are not known: " + Long.toHexString(features));
      }
      headerBytes = in.getInt(100);
    }
    extensions(in, headerBytes);
    return new ImageHeader(Format.QCOW2, virtual);
  }

  private static void extensions(ByteBuffer in, int from) {
    if (from < VERSION_2_HEADER) {
      throw invalid("its header says that it has " + from + " bytes");
    }
    for (int at = from; at + 8 <= in.limit(); ) {
      int type = in.getInt(at);
      int length = in.getInt(at + 4);
      if (type == EXTENSION_END) {
        return;
      }
      if (type == EXTENSION_DATA_FILE || type == EXTENSION_BACKING_FORMAT) {
        throw invalid("its header names another file");
      }
      if (length < 0 || length > in.limit() - at - 8) {
        throw invalid(
            "a part of its header is " + Integer.toUnsignedString(length) + " bytes long");
      }
      at += 8 + (length + 7) / 8 * 8;
    }
  }

  private static ImageException invalid(String why) {
    return new ImageException(Reason.INVALID, "the image is refused: " + why);
  }
}
