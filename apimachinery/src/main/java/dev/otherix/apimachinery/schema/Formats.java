package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.object.Dns;
import dev.otherix.apimachinery.object.GoDuration;
import dev.otherix.apimachinery.object.Quantity;
import dev.otherix.apimachinery.status.ApiException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The formats of strings that are checked. Numbers have `int32`, `int64`, `float` and `double`.
final class Formats {
  /// Formats of numbers, which [ValueCheck] looks after.
  static final Set<String> OF_NUMBERS = Set.of("int32", "int64", "float", "double");

  private static final int EMAIL_MAX = 320;

  private static final Map<String, Predicate<String>> BY_NAME =
      Map.ofEntries(
          Map.entry("date-time", Formats::dateTime),
          Map.entry("date", text -> text.length() == 10 && date(text)),
          Map.entry("duration", text -> parses(GoDuration::parse, text)),
          Map.entry("uuid", text -> uuid(text, '*')),
          Map.entry("uuid3", text -> uuid(text, '3')),
          Map.entry("uuid4", text -> uuid(text, '4') && "89abAB".indexOf(text.charAt(19)) >= 0),
          Map.entry("uuid5", text -> uuid(text, '5') && "89abAB".indexOf(text.charAt(19)) >= 0),
          Map.entry("ipv4", text -> IpAddress.parseV4(text) != null),
          Map.entry("ipv6", text -> IpAddress.parseV6(text) != null),
          Map.entry("cidr", text -> IpAddress.parseNetwork(text) != null),
          Map.entry("ipv4-network", Formats::ipv4Network),
          Map.entry("ip-network", Formats::ipNetwork),
          Map.entry("byte", Formats::base64),
          Map.entry("hostname", Dns::isHostname),
          Map.entry("uri", Formats::uri),
          Map.entry("email", Formats::email),
          Map.entry("password", text -> true),
          Map.entry("mac", Formats::mac),
          Map.entry("dns-label", Dns::isLabel),
          Map.entry("dns-subdomain", Dns::isSubdomain),
          Map.entry("absolute-path", Formats::absolutePath),
          Map.entry("download-url", Formats::downloadUrl),
          Map.entry("quantity", text -> parses(Quantity::parse, text)));

  private Formats() {}

  /// The check of strings for a format, or null when there is none.
  static @Nullable Predicate<String> of(String name) {
    return BY_NAME.get(name);
  }

  /// What a text of one of our own formats looks like; empty for formats that clients know.
  static String meaning(String name) {
    return switch (name) {
      case "dns-label" ->
          "that is lower-case letters, digits and '-', starting and ending with a letter or digit";
      case "dns-subdomain" -> "that is lower-case words of letters, digits and '-', joined by '.'";
      case "ipv4-network" ->
          "that is an IPv4 network whose host bits are zero, such as 10.0.0.0/24";
      case "ip-network" ->
          "that is a network whose host bits are zero, such as 10.0.0.0/24 or 2001:db8::/32";
      case "absolute-path" -> "that is a path that begins with / and has no . or .. in it";
      case "download-url" ->
          "that is a URL with http, https or file, such as https://host/image.qcow2";
      default -> "";
    };
  }

  static boolean known(String name) {
    return BY_NAME.containsKey(name) || OF_NUMBERS.contains(name);
  }

  static String names() {
    return String.join(", ", BY_NAME.keySet().stream().sorted().toList())
        + ", int32, int64, float, double";
  }

  private static boolean dateTime(String text) {
    if (text.length() < 20 || !date(text) || "Tt".indexOf(text.charAt(10)) < 0) {
      return false;
    }
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (text.charAt(13) != ':'
        || text.charAt(16) != ':'
        || hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 60) {
      return false;
    }
    int at = 19;
    if (text.charAt(at) == '.') {
      int start = ++at;
      while (at < text.length() && digit(text.charAt(at))) {
        at++;
      }
      if (at == start) {
        return false;
      }
    }
    return zone(text, at);
  }

  private static boolean zone(String text, int at) {
    int left = text.length() - at;
    if (left == 1) {
      return text.charAt(at) == 'Z' || text.charAt(at) == 'z';
    }
    if (left != 6 || "+-".indexOf(text.charAt(at)) < 0 || text.charAt(at + 3) != ':') {
      return false;
    }
    int hours = number(text, at + 1, at + 3);
    int minutes = number(text, at + 4, at + 6);
    return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59;
  }

  private static boolean date(String text) {
    int year = number(text, 0, 4);
    int month = number(text, 5, 7);
    int day = number(text, 8, 10);
    if (text.charAt(4) != '-' || text.charAt(7) != '-' || year < 0 || month < 0 || day < 0) {
      return false;
    }
    try {
      LocalDate.of(year, month, day);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean parses(Function<String, ?> parse, String text) {
    try {
      return parse.apply(text) != null;
    } catch (ApiException e) {
      return false;
    }
  }

  private static boolean uuid(String text, char version) {
    if (text.length() != 36) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      char c = text.charAt(i);
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? c != '-' : !hex(c)) {
        return false;
      }
    }
    return version == '*' || text.charAt(14) == version;
  }

  private static boolean ipv4Network(String text) {
    IpAddress.Network network = IpAddress.parseNetwork(text);
    return network != null && network.isV4() && !network.hasHostBits();
  }

  private static boolean ipNetwork(String text) {
    IpAddress.Network network = IpAddress.parseNetwork(text);
    return network != null && !network.hasHostBits();
  }

  private static boolean base64(String text) {
    try {
      Base64.getDecoder().decode(text);
      return text.length() % 4 == 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean uri(String text) {
    if (text.isEmpty()) {
      return false;
    }
    try {
      URI uri = new URI(text);
      return uri.isAbsolute() || text.startsWith("/");
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean email(String text) {
    int sign = text.lastIndexOf('@');
    if (sign < 1 || sign > 64 || text.length() > EMAIL_MAX) {
      return false;
    }
    boolean wordBefore = false;
    for (int i = 0; i < sign; i++) {
      char c = text.charAt(i);
      boolean word = Character.isLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
      if (!word && (c != '.' || !wordBefore)) {
        return false;
      }
      wordBefore = word;
    }
    return wordBefore && Dns.isHostname(text.substring(sign + 1));
  }

  /// Six, eight or twenty octets, joined by colons or dashes; or groups of four joined by dots.
  private static boolean mac(String text) {
    if (text.length() < 14) {
      return false;
    }
    char separator = text.charAt(2);
    int group = 2;
    if (separator != ':' && separator != '-') {
      separator = '.';
      group = 4;
    }
    int digits = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (i % (group + 1) == group) {
        if (c != separator) {
          return false;
        }
      } else if (!hex(c)) {
        return false;
      } else {
        digits++;
      }
    }
    boolean whole = (text.length() + 1) % (group + 1) == 0;
    return whole && (digits == 12 || digits == 16 || digits == 40);
  }

  /// Without `.`, `..`, empty parts or a slash at the end, so that one file has one name. `http` or
  /// `https` with a host, or `file` with an absolute path; visible ASCII only.
  private static boolean downloadUrl(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ' || text.charAt(i) >= 0x7f) {
        return false;
      }
    }
    int host = text.startsWith("https://") ? 8 : text.startsWith("http://") ? 7 : 0;
    return host == 0
        ? text.startsWith("file:///") && text.length() > 8
        : text.length() > host && "/?#:".indexOf(text.charAt(host)) < 0;
  }

  private static boolean absolutePath(String text) {
    if (!text.startsWith("/") || text.indexOf('\0') >= 0) {
      return false;
    }
    if (text.length() == 1) {
      return true;
    }
    int start = 1;
    while (start <= text.length()) {
      int slash = text.indexOf('/', start);
      String part = text.substring(start, slash < 0 ? text.length() : slash);
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return false;
      }
      if (slash < 0) {
        return true;
      }
      start = slash + 1;
    }
    return false;
  }

  private static int number(String text, int start, int end) {
    int value = 0;
    for (int i = start; i < end; i++) {
      if (!digit(text.charAt(i))) {
        return -1;
      }
      value = value * 10 + (text.charAt(i) - '0');
    }
    return value;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean hex(char c) {
    return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
}
