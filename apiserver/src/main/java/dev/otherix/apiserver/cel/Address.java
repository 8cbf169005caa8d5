package dev.otherix.apiserver.cel;

import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An IP address. Never looked up by name.
record Address(InetAddress inet) {
  /// Null where the text is no address: no zones, no leading zeros, no IPv4 within IPv6.
  static @Nullable Address parse(String text) {
    boolean four = text.indexOf(':') < 0;
    if (text.length() > 45 || text.indexOf('%') >= 0 || (four ? !plainFour(text) : mixed(text))) {
      return null;
    }
    try {
      InetAddress parsed = InetAddress.ofLiteral(text);
      return (parsed.getAddress().length == 4) == four ? new Address(parsed) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean mixed(String text) {
    return text.indexOf('.') >= 0;
  }

  private static boolean plainFour(String text) {
    String[] parts = text.split("\\.", -1);
    boolean plain = parts.length == 4;
    for (String part : parts) {
      plain &= !part.isEmpty() && part.length() <= 3;
      plain &= part.length() == 1 || !part.startsWith("0");
      plain &= part.chars().allMatch(each -> each >= '0' && each <= '9');
    }
    return plain;
  }

  byte[] bytes() {
    return inet.getAddress();
  }

  boolean isFour() {
    return bytes().length == 4;
  }

  boolean isBroadcast() {
    byte[] bytes = bytes();
    return isFour() && (bytes[0] & bytes[1] & bytes[2] & bytes[3]) == -1;
  }

  /// As RFC 5952 wants it: lower case, the longest run of zeros as `::`.
  @Override
  public String toString() {
    if (isFour()) {
      return inet.getHostAddress();
    }
    byte[] bytes = bytes();
    int[] groups = new int[8];
    Arrays.setAll(groups, i -> (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff));
    int start = -1;
    int longest = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > longest) {
        start = i;
        longest = end - i;
      }
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        out.append("::");
        i += longest - 1;
      } else {
        out.append(out.isEmpty() || out.charAt(out.length() - 1) == ':' ? "" : ":");
        out.append(Integer.toHexString(groups[i]));
      }
    }
    return out.toString();
  }
}
