package dev.otherix.apimachinery.schema;

import org.jspecify.annotations.Nullable;

/// IP addresses in text form, never looked up by name.
final class IpAddress {
  private static final int V4_BYTES = 4;
  private static final int V6_BYTES = 16;
  private static final int V6_GROUPS = 8;

  private IpAddress() {}

  /// An address as written, host bits included, and how many bits name the network.
  static final class Network {
    private final byte[] bytes;
    private final int prefix;

    private Network(byte[] bytes, int prefix) {
      this.bytes = bytes;
      this.prefix = prefix;
    }

    boolean isV4() {
      return bytes.length == V4_BYTES;
    }

    boolean contains(byte[] address) {
      if (address.length != bytes.length) {
        return false;
      }
      for (int bit = 0; bit < prefix; bit++) {
        int mask = 0x80 >> (bit & 7);
        if ((address[bit >> 3] & mask) != (bytes[bit >> 3] & mask)) {
          return false;
        }
      }
      return true;
    }

    boolean hasHostBits() {
      for (int bit = prefix; bit < bytes.length * 8; bit++) {
        if ((bytes[bit >> 3] & (0x80 >> (bit & 7))) != 0) {
          return true;
        }
      }
      return false;
    }
  }

  static byte @Nullable [] parse(String text) {
    return text.indexOf(':') >= 0 ? parseV6(text) : parseV4(text);
  }

  static @Nullable Network parseNetwork(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return null;
    }
    byte[] bytes = parse(text.substring(0, slash));
    if (bytes == null) {
      return null;
    }
    int prefix = decimal(text, slash + 1, text.length(), bytes.length * 8);
    return prefix < 0 ? null : new Network(bytes, prefix);
  }

  static byte @Nullable [] parseV4(String text) {
    byte[] bytes = new byte[V4_BYTES];
    return readV4(text, 0, bytes, 0) ? bytes : null;
  }

  static byte @Nullable [] parseV6(String text) {
    byte[] bytes = new byte[V6_BYTES];
    int gap = text.indexOf("::");
    if (gap < 0) {
      return readGroups(text, bytes) == V6_GROUPS ? bytes : null;
    }
    if (text.indexOf("::", gap + 1) >= 0) {
      return null;
    }
    byte[] head = new byte[V6_BYTES];
    byte[] tail = new byte[V6_BYTES];
    int before = gap == 0 ? 0 : readGroups(text.substring(0, gap), head);
    String rest = text.substring(gap + 2);
    int after = rest.isEmpty() ? 0 : readGroups(rest, tail);
    if (before < 0 || after < 0 || before + after >= V6_GROUPS) {
      return null;
    }
    if (gap > 0 && text.lastIndexOf('.', gap) >= 0) {
      return null;
    }
    System.arraycopy(head, 0, bytes, 0, before * 2);
    System.arraycopy(tail, 0, bytes, V6_BYTES - after * 2, after * 2);
    return bytes;
  }

  /// How many groups the text fills, an IPv4 ending counted as two, or -1.
  private static int readGroups(String text, byte[] out) {
    int group = 0;
    int start = 0;
    while (true) {
      int colon = text.indexOf(':', start);
      int end = colon < 0 ? text.length() : colon;
      if (colon < 0 && group <= V6_GROUPS - 2 && text.indexOf('.', start) >= 0) {
        return readV4(text, start, out, group * 2) ? group + 2 : -1;
      }
      int value = group >= V6_GROUPS ? -1 : hex(text, start, end);
      if (value < 0) {
        return -1;
      }
      out[group * 2] = (byte) (value >> 8);
      out[group * 2 + 1] = (byte) value;
      group++;
      if (colon < 0) {
        return group;
      }
      start = colon + 1;
    }
  }

  private static boolean readV4(String text, int from, byte[] out, int at) {
    int start = from;
    for (int i = 0; i < V4_BYTES; i++) {
      int dot = text.indexOf('.', start);
      boolean last = i == V4_BYTES - 1;
      if (last != (dot < 0)) {
        return false;
      }
      int value = decimal(text, start, last ? text.length() : dot, 255);
      if (value < 0) {
        return false;
      }
      out[at + i] = (byte) value;
      start = dot + 1;
    }
    return true;
  }

  /// A number without leading zeros, or -1.
  private static int decimal(String text, int start, int end, int max) {
    if (end <= start || end - start > 3 || (end - start > 1 && text.charAt(start) == '0')) {
      return -1;
    }
    int value = 0;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value > max ? -1 : value;
  }

  private static int hex(String text, int start, int end) {
    if (end <= start || end - start > 4) {
      return -1;
    }
    int value = 0;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return -1;
      }
      value = value * 16 + digit;
    }
    return value;
  }
}
