package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.object.Dns;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A form that texts may have: `format.dns1123Label().validate(self.name)` is none when it does,
/// else a list with what is wrong.
record NamedFormat(String name, Predicate<String> holds) {
  private static final String UUID =
      "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}";

  private static final Map<String, NamedFormat> BY_NAME = new HashMap<>();

  static {
    add("dns1123Label", Dns::isLabel);
    add("dns1123Subdomain", Dns::isSubdomain);
    add("dns1035Label", text -> Dns.isLabel(text) && Character.isLetter(text.charAt(0)));
    add("dns1123LabelPrefix", text -> Dns.isLabel(prefix(text)));
    add("dns1123SubdomainPrefix", text -> Dns.isSubdomain(prefix(text)));
    add("dns1035LabelPrefix", text -> Dns.isLabel(prefix(text)) && letterFirst(text));
    add("uri", text -> Url.parse(text) != null);
    add("uuid", text -> Strings.pattern(UUID).matcher(text).matches());
    add("byte", NamedFormat::base64);
    add("date", text -> parses(() -> LocalDate.parse(text)));
    add("datetime", text -> parses(() -> Time.parse(text)));
  }

  private static void add(String name, Predicate<String> holds) {
    BY_NAME.put(name, new NamedFormat(name, holds));
  }

  static Map<String, NamedFormat> all() {
    return Map.copyOf(BY_NAME);
  }

  static @Nullable NamedFormat named(String name) {
    return BY_NAME.get(name);
  }

  /// What generateName may hold: one trailing dash more than a name.
  private static String prefix(String text) {
    return text.endsWith("-") ? text.substring(0, text.length() - 1) : text;
  }

  private static boolean letterFirst(String text) {
    return Character.isLetter(text.charAt(0));
  }

  private static boolean base64(String text) {
    try {
      return Base64.getDecoder().decode(text) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean parses(Runnable parse) {
    try {
      parse.run();
      return true;
    } catch (ApiException | DateTimeException e) {
      return false;
    }
  }
}
