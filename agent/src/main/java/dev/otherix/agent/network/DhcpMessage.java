package dev.otherix.agent.network;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A message of DHCPv4 (RFC 2131), as far as one server on the same wire needs it.
///
/// @param client its address as it has it already; 0 for none
/// @param yours the address that it is given; 0 for none
/// @param mac of the client, in lower case with colons
/// @param options by number; of a reply, in this order
record DhcpMessage(
    boolean reply,
    int transaction,
    boolean broadcast,
    int client,
    int yours,
    String mac,
    Map<Integer, byte[]> options) {
  static final int MASK = 1;
  static final int ROUTER = 3;
  static final int DNS = 6;
  static final int HOST_NAME = 12;
  static final int DOMAIN = 15;
  static final int MTU = 26;
  static final int REQUESTED = 50;
  static final int LEASE_SECONDS = 51;
  static final int TYPE = 53;
  static final int SERVER = 54;
  static final int ROUTES = 121;

  private static final int HEADER_BYTES = 236;
  private static final int MAC_BYTES = 6;

  /// A client's message, Ethernet, hardware addresses of six bytes.
  private static final int CLIENT_ON_ETHERNET = 0x010106;

  private static final int COOKIE = 0x63825363;
  private static final int REPLY_BYTES_MIN = 300;
  private static final int REPLY_BYTES_MAX = 1400;
  private static final int OPTION_BYTES_MAX = 255;
  private static final int END = 255;
  private static final short BROADCAST = (short) 0x8000;
  private static final HexFormat MAC = HexFormat.ofDelimiter(":");

  DhcpMessage {
    options = Collections.unmodifiableMap(new TreeMap<>(options));
  }

  /// Null when it is no such message of a client.
  static @Nullable DhcpMessage parse(ByteBuffer bytes) {
    try {
      if (bytes.getInt() >>> Byte.SIZE != CLIENT_ON_ETHERNET) {
        return null;
      }
      int transaction = bytes.getInt();
      bytes.getShort();
      boolean broadcast = (bytes.getShort() & BROADCAST) != 0;
      int client = bytes.getInt();
      int yours = bytes.getInt();
      bytes.getLong();
      byte[] mac = new byte[MAC_BYTES];
      bytes.get(mac);
      bytes.position(bytes.position() + HEADER_BYTES - 28 - MAC_BYTES);
      if (bytes.getInt() != COOKIE) {
        return null;
      }
      return new DhcpMessage(
          false, transaction, broadcast, client, yours, MAC.formatHex(mac), options(bytes));
    } catch (BufferUnderflowException | IllegalArgumentException _) {
      return null;
    }
  }

  private static SequencedMap<Integer, byte[]> options(ByteBuffer bytes) {
    SequencedMap<Integer, byte[]> options = new TreeMap<>();
    while (bytes.hasRemaining()) {
      int number = bytes.get() & 0xff;
      if (number == END) {
        break;
      }
      if (number != 0) {
        byte[] value = new byte[bytes.get() & 0xff];
        bytes.get(value);
        options.putIfAbsent(number, value);
      }
    }
    return options;
  }

  /// 0 when it does not say.
  int type() {
    byte[] value = options.get(TYPE);
    return value == null || value.length == 0 ? 0 : value[0];
  }

  /// An option that is an address; null when it is absent or no address.
  @Nullable Integer address(int option) {
    byte[] value = options.get(option);
    return value == null || value.length != Integer.BYTES ? null : ByteBuffer.wrap(value).getInt();
  }

  byte[] bytes() {
    ByteBuffer out = ByteBuffer.allocate(REPLY_BYTES_MAX);
    out.put((byte) (reply ? 2 : 1)).put((byte) 1).put((byte) MAC_BYTES).put((byte) 0);
    out.putInt(transaction).putShort((short) 0).putShort(broadcast ? BROADCAST : 0);
    out.putInt(client).putInt(yours).putLong(0).put(MAC.parseHex(mac));
    out.position(HEADER_BYTES).putInt(COOKIE);
    // The kind of message goes first: some clients look for it there.
    byte[] type = options.get(TYPE);
    if (type != null) {
      put(out, TYPE, type);
    }
    options.forEach((number, value) -> {
      if (number != TYPE) {
        put(out, number, value);
      }
    });
    out.put((byte) END);
    byte[] all = new byte[Math.max(out.position(), REPLY_BYTES_MIN)];
    out.flip().get(all, 0, out.limit());
    return all;
  }

  private static void put(ByteBuffer out, int number, byte[] value) {
    // A longer one is told in pieces (RFC 3396).
    int from = 0;
    do {
      int length = Math.min(value.length - from, OPTION_BYTES_MAX);
      out.put((byte) number).put((byte) length).put(value, from, length);
      from += length;
    } while (from < value.length);
  }

  static byte[] ofInt(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  static byte[] ofText(String value) {
    return value.getBytes(StandardCharsets.US_ASCII);
  }
}
