package dev.otherix.agent.network;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The one question of a DNS message (RFC 1035).
///
/// @param name in lower case, without the dot at the end
/// @param message the whole message
/// @param end where the question ends in it
record DnsQuestion(int id, String name, int type, byte[] message, int end) {
  static final int A = 1;
  static final int PTR = 12;
  static final int AAAA = 28;

  static final int NO_ERROR = 0;
  static final int SERVER_FAILURE = 2;
  static final int NO_SUCH_NAME = 3;

  private static final int HEADER_BYTES = 12;
  private static final int LABEL_MAX = 63;
  private static final int NAME_MAX = 253;
  private static final int INTERNET = 1;
  private static final int QUERY_MASK = 0xf800;
  private static final int ANSWER = 0x8000;
  private static final int AUTHORITATIVE = 0x0400;
  private static final int RECURSION_WANTED = 0x0100;
  private static final int RECURSION_OFFERED = 0x0080;
  private static final int ANSWER_ROOM = 300;

  /// The name of the question, as a pointer.
  private static final short NAME_ABOVE = (short) 0xc00c;

  private static final int SECONDS = 5;

  /// Null when it is no plain question of a client.
  static @Nullable DnsQuestion parse(byte[] message) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(message);
      int id = bytes.getShort() & 0xffff;
      if ((bytes.getShort() & QUERY_MASK) != 0 || bytes.getShort() != 1) {
        return null;
      }
      bytes.position(HEADER_BYTES);
      StringBuilder name = new StringBuilder();
      for (int length = bytes.get() & 0xff; length > 0; length = bytes.get() & 0xff) {
        if (length > LABEL_MAX || name.length() + length > NAME_MAX) {
          return null;
        }
        byte[] label = new byte[length];
        bytes.get(label);
        name.append(name.isEmpty() ? "" : ".");
        name.append(new String(label, StandardCharsets.ISO_8859_1));
      }
      int type = bytes.getShort() & 0xffff;
      if (bytes.getShort() != INTERNET) {
        return null;
      }
      return new DnsQuestion(
          id, name.toString().toLowerCase(Locale.ROOT), type, message, bytes.position());
    } catch (BufferUnderflowException | IllegalArgumentException _) {
      return null;
    }
  }

  /// An answer from here, not from elsewhere.
  ///
  /// @param values of the type that was asked for, in wire form
  byte[] answer(int code, List<byte[]> values) {
    int wanted = (message[2] & 0xff) << 8 & RECURSION_WANTED;
    ByteBuffer out = ByteBuffer.allocate(end + values.size() * ANSWER_ROOM);
    out.putShort((short) id);
    out.putShort((short) (ANSWER | AUTHORITATIVE | wanted | RECURSION_OFFERED | code));
    out.putShort((short) 1).putShort((short) values.size()).putInt(0);
    out.put(message, HEADER_BYTES, end - HEADER_BYTES);
    for (byte[] each : values) {
      out.putShort(NAME_ABOVE).putShort((short) type).putShort((short) INTERNET);
      out.putInt(SECONDS).putShort((short) each.length).put(each);
    }
    byte[] all = new byte[out.position()];
    out.flip().get(all);
    return all;
  }

  /// A name as it is inside a message.
  static byte[] encoded(String name) {
    ByteBuffer out = ByteBuffer.allocate(name.length() + 2);
    for (String each : name.split("\\.", -1)) {
      byte[] label = each.getBytes(StandardCharsets.ISO_8859_1);
      out.put((byte) label.length).put(label);
    }
    return out.put((byte) 0).array();
  }

  /// Whether a message can be the answer to this question.
  boolean isAnsweredBy(byte[] other, int length) {
    if (length < end || (other[0] & 0xff) << 8 != (id & 0xff00) || other[1] != (byte) id) {
      return false;
    }
    return (other[2] & 0x80) != 0;
  }
}
