package dev.otherix.agent.network;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/// Puts members into sets of the packet filter, and takes them out, by the kernel's own calls: all
/// of it or nothing, before a program would have started.
final class FilterMembers {
  private static final int NETFILTER = 12;
  private static final int ADDRESS_BYTES = 12;
  private static final int HEADER_BYTES = 20;
  private static final int CHANGE_BYTES_MAX = 1 << 15;
  private static final int ANSWER_BYTES_MAX = 1 << 16;

  private static final short BEGIN = 16;
  private static final short END = 17;
  private static final short TABLES = 10;
  private static final short ADD = TABLES << 8 | 12;
  private static final short REMOVE = TABLES << 8 | 14;
  private static final short ERROR = 2;
  private static final short REQUEST = 1;
  private static final short ACKNOWLEDGE = 4;
  private static final short CREATE = 0x400;

  private static final int BATCH_GENERATION = 1;
  private static final int TABLE = 1;
  private static final int SET = 2;
  private static final int MEMBERS = 3;
  private static final int MEMBER = 1;
  private static final int KEY = 1;
  private static final int VALUE = 1;
  private static final short NESTED = (short) 0x8000;

  private static final int NAME_BYTES = 16;
  private static final int WORD_BYTES = 4;
  private static final int MAC_CHARACTERS = 17;
  private static final String JOINT = " \\. ";

  private final ByteBuffer out =
      ByteBuffer.allocate(CHANGE_BYTES_MAX).order(ByteOrder.nativeOrder());
  private int messages;

  private FilterMembers() {}

  /// Some members of one set.
  ///
  /// @param set its family, table and name
  record Change(boolean adds, String set, Collection<String> members) {}

  /// @param generation of the packet filter; when it is another one by now, nothing is changed
  /// @throws NetworkException when the kernel refuses
  static void change(List<Change> changes, int generation) {
    FilterMembers batch = new FilterMembers();
    byte[] expected = DhcpMessage.ofInt(generation);
    batch.message(BEGIN, REQUEST, (byte) 0, TABLES, () -> batch.put(BATCH_GENERATION, expected));
    for (Change each : changes) {
      String[] words = each.set().split(" ", -1);
      batch.message(
          each.adds() ? ADD : REMOVE,
          (short) (REQUEST | ACKNOWLEDGE | (each.adds() ? CREATE : 0)),
          family(words[0]),
          (short) 0,
          () -> batch.members(words[1], words[2], each.members()));
    }
    batch.message(END, REQUEST, (byte) 0, TABLES, () -> {});
    batch.send(changes.size());
  }

  private static byte family(String name) {
    return switch (name) {
      case "ip" -> 2;
      case "bridge" -> 7;
      case "ip6" -> 10;
      default -> throw new IllegalArgumentException("no family " + name);
    };
  }

  /// @param resource in the byte order of networks
  private void message(short type, short flags, byte family, short resource, Runnable body) {
    int start = out.position();
    out.putInt(0).putShort(type).putShort(flags).putInt(messages++).putInt(0);
    out.put(family).put((byte) 0).put((byte) (resource >> 8)).put((byte) resource);
    body.run();
    out.putInt(start, out.position() - start);
  }

  private void members(String table, String set, Collection<String> members) {
    put(TABLE, text(table));
    put(SET, text(set));
    nest(MEMBERS, () -> members.forEach(this::member));
  }

  private void member(String member) {
    nest(MEMBER, () -> nest(KEY, () -> put(VALUE, key(member))));
  }

  private void nest(int type, Runnable content) {
    int start = out.position();
    out.putShort((short) 0).putShort((short) (type | NESTED));
    content.run();
    out.putShort(start, (short) (out.position() - start));
  }

  private void put(int type, byte[] value) {
    Netlink.attribute(out, type, value);
  }

  private static byte[] text(String text) {
    return (text + "\0").getBytes(StandardCharsets.US_ASCII);
  }

  /// As the kernel compares it: each part in whole words of four bytes.
  ///
  /// @param member as `nft` would read it
  static byte[] key(String member) {
    List<byte[]> parts = new ArrayList<>();
    int length = 0;
    for (String each : member.split(JOINT, -1)) {
      byte[] part = part(each);
      parts.add(part);
      length += (part.length + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;
    }
    // A part that is alone has its own length.
    ByteBuffer key = ByteBuffer.allocate(parts.size() == 1 ? parts.getFirst().length : length);
    int at = 0;
    for (byte[] each : parts) {
      key.put(at, each);
      at += (each.length + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;
    }
    return key.array();
  }

  private static byte[] part(String text) {
    if (text.startsWith("\"")) {
      byte[] name = text.substring(1, text.length() - 1).getBytes(StandardCharsets.US_ASCII);
      return ByteBuffer.allocate(NAME_BYTES).put(name).array();
    }
    if (text.startsWith("0x")) {
      return HexFormat.of().parseHex(text, 2, text.length());
    }
    if (text.indexOf(':') < 0) {
      return DhcpMessage.ofInt(Cidr.address(text));
    }
    return text.length() == MAC_CHARACTERS && text.charAt(2) == ':'
        ? HexFormat.ofDelimiter(":").parseHex(text)
        : Ip6.of(text).bytes();
  }

  /// @param answers how many the kernel gives when it agrees
  private void send(int answers) {
    try (NativeSocket socket =
            NativeSocket.open(NativeSocket.NETLINK, NativeSocket.RAW, NETFILTER);
        Arena arena = Arena.ofConfined()) {
      MemorySegment kernel = arena.allocate(ADDRESS_BYTES, 4);
      kernel.set(ValueLayout.JAVA_SHORT, 0, (short) NativeSocket.NETLINK);
      MemorySegment batch = arena.allocate(out.position(), 4);
      MemorySegment.copy(out.array(), 0, batch, ValueLayout.JAVA_BYTE, 0, out.position());
      socket.send(batch, kernel);
      MemorySegment answer = arena.allocate(ANSWER_BYTES_MAX, 4);
      int heard = 0;
      while (heard < answers) {
        heard += check(answer, socket.receive(answer, kernel));
      }
    }
  }

  private static int check(MemorySegment answer, int length) {
    int heard = 0;
    for (int at = 0; at + HEADER_BYTES <= length; heard++) {
      int error = -answer.get(ValueLayout.JAVA_INT, at + 16L);
      if (answer.get(ValueLayout.JAVA_SHORT, at + 4L) != ERROR || error != 0) {
        throw new NetworkException("the kernel refused members of sets: error " + error);
      }
      at += (answer.get(ValueLayout.JAVA_INT, at) + 3) & ~3;
    }
    return heard;
  }
}
