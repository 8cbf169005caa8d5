package dev.otherix.apiserver.secrets;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Arrays;

/// A file encrypted with the [MasterKey], in parts that only decrypt in their order and all of
/// them:
///
/// ```
/// "OTHERIXE" format:int id:16 bytes { last:byte length:int nonce, part and tag }+
/// ```
public final class SealedFile {
  private static final byte[] MAGIC = {'O', 'T', 'H', 'E', 'R', 'I', 'X', 'E'};
  private static final int FORMAT = 1;
  private static final int ID_BYTES = 16;
  private static final int PART_BYTES = 256 * 1024;
  private static final int SEALED_BYTES_MAX = PART_BYTES + 64;

  private SealedFile() {}

  /// Writes `target` anew, durably.
  public static void seal(Path plain, Path target, MasterKey key, SecureRandom random)
      throws IOException {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    try (DataInputStream in =
            new DataInputStream(new BufferedInputStream(Files.newInputStream(plain)));
        DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(target)))) {
      out.write(MAGIC);
      out.writeInt(FORMAT);
      out.write(id);
      byte[] part = in.readNBytes(PART_BYTES);
      for (long index = 0; ; index++) {
        byte[] next = part.length < PART_BYTES ? new byte[0] : in.readNBytes(PART_BYTES);
        boolean last = next.length == 0;
        byte[] sealed = Aes.encrypt(key.key(), part, about(id, index, last), random);
        out.writeByte(last ? 1 : 0);
        out.writeInt(sealed.length);
        out.write(sealed);
        if (last) {
          break;
        }
        part = next;
      }
    }
    try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /// @throws SecretsException when it is none, was damaged, or was sealed with another key; what
  ///   stands at `target` then is of no use
  public static void open(Path sealed, Path target, MasterKey key) throws IOException {
    try (DataInputStream in =
            new DataInputStream(new BufferedInputStream(Files.newInputStream(sealed)));
        BufferedOutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
      if (!Arrays.equals(MAGIC, in.readNBytes(MAGIC.length)) || in.readInt() != FORMAT) {
        throw new SecretsException(sealed + " is no encrypted backup of this version of Otherix");
      }
      byte[] id = in.readNBytes(ID_BYTES);
      for (long index = 0; ; index++) {
        boolean last = in.readByte() == 1;
        int length = in.readInt();
        byte[] part =
            length < 0 || length > SEALED_BYTES_MAX
                ? null
                : Aes.decrypt(key.key(), in.readNBytes(length), about(id, index, last));
        if (part == null) {
          throw new SecretsException(
              sealed
                  + (index == 0
                      ? " was encrypted with another key than "
                          + key
                          + ", or is damaged: use the key that the server had when it was taken"
                      : " is damaged in part " + index + ": use another backup"));
        }
        out.write(part);
        if (last) {
          break;
        }
      }
      if (in.read() >= 0) {
        throw new SecretsException(sealed + " goes on behind its end: use another backup");
      }
    } catch (EOFException e) {
      throw new SecretsException(sealed + " is cut off: use another backup", e);
    }
  }

  private static byte[] about(byte[] id, long index, boolean last) {
    return ByteBuffer.allocate(MAGIC.length + ID_BYTES + Long.BYTES + 1)
        .put(MAGIC)
        .put(id)
        .putLong(index)
        .put((byte) (last ? 1 : 0))
        .array();
  }
}
