package dev.otherix.apimachinery.object;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/// The rules for names, label keys and label values. Every check answers with the messages that
/// Kubernetes has for what is wrong, none when the value is good. The expressions appear in the
/// messages only: scanners do the work, without backtracking or allocation.
public final class Names {
  public static final int LABEL_LENGTH_MAX = 63;
  public static final int SUBDOMAIN_LENGTH_MAX = 253;

  private static final int GENERATED_LENGTH = 5;
  private static final int GENERATED_PREFIX_LENGTH_MAX = LABEL_LENGTH_MAX - GENERATED_LENGTH;

  /// Without vowels and look-alikes, so that no word and no doubt can arise.
  private static final String GENERATED_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  private static final String DNS_LABEL_FORM = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  private static final String QUALIFIED_NAME_FORM = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
  private static final String EMPTY = "must be non-empty";

  private static final String DNS_LABEL =
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and"
          + " must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc',"
          + expression(DNS_LABEL_FORM);
  private static final String DNS_SUBDOMAIN =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'example.com',"
          + expression(DNS_LABEL_FORM + "(\\." + DNS_LABEL_FORM + ")*");
  private static final String DNS_1035_LABEL =
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
          + " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or"
          + " 'abc-123',"
          + expression("[a-z]([-a-z0-9]*[a-z0-9])?");
  private static final String QUALIFIED_NAME =
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
          + " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc',"
          + expression(QUALIFIED_NAME_FORM);
  private static final String LABEL_VALUE =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
          + " 'my_value',  or '12345',"
          + expression("(" + QUALIFIED_NAME_FORM + ")?");

  private Names() {}

  public static List<String> dns1123Label(String name) {
    return messages(
        tooLong(name, LABEL_LENGTH_MAX),
        Dns.isLabel(name, 0, name.length(), false) ? "" : DNS_LABEL);
  }

  public static List<String> dns1123Subdomain(String name) {
    return messages(
        tooLong(name, SUBDOMAIN_LENGTH_MAX), Dns.isSubdomainOfAnyLength(name) ? "" : DNS_SUBDOMAIN);
  }

  public static List<String> dns1035Label(String name) {
    boolean good =
        Dns.isLabel(name, 0, name.length(), false)
            && name.charAt(0) >= 'a'
            && name.charAt(0) <= 'z';
    return messages(tooLong(name, LABEL_LENGTH_MAX), good ? "" : DNS_1035_LABEL);
  }

  /// A name that must survive as one segment of a URL.
  public static List<String> pathSegment(String name) {
    if (name.equals(".") || name.equals("..")) {
      return List.of("may not be '" + name + "'");
    }
    return pathSegmentPrefix(name);
  }

  /// The part of [#pathSegment] that also holds for the beginning of a name.
  static List<String> pathSegmentPrefix(String prefix) {
    return messages(
        prefix.indexOf('/') < 0 ? "" : "may not contain '/'",
        prefix.indexOf('%') < 0 ? "" : "may not contain '%'");
  }

  /// A label key, a finalizer: a name, optionally behind a DNS subdomain and a slash.
  public static List<String> qualifiedName(String key) {
    int slash = key.indexOf('/');
    if (slash >= 0 && key.indexOf('/', slash + 1) >= 0) {
      return List.of(
          "a qualified name "
              + QUALIFIED_NAME
              + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
    }
    boolean goodName = isNamePart(key, slash + 1, key.length());
    int nameLength = key.length() - slash - 1;
    if (goodName && nameLength <= LABEL_LENGTH_MAX && slash < 0) {
      return List.of();
    }
    List<String> out = new ArrayList<>();
    if (slash == 0) {
      out.add("prefix part " + EMPTY);
    } else if (slash > 0) {
      dns1123Subdomain(key.substring(0, slash)).forEach(each -> out.add("prefix part " + each));
    }
    if (nameLength == 0) {
      out.add("name part " + EMPTY);
    } else if (nameLength > LABEL_LENGTH_MAX) {
      out.add("name part " + tooLong(nameLength, LABEL_LENGTH_MAX));
    }
    if (!goodName) {
      out.add("name part " + QUALIFIED_NAME);
    }
    return List.copyOf(out);
  }

  /// Annotation keys may be written in upper case throughout, label keys not in their prefix.
  public static List<String> annotationKey(String key) {
    return qualifiedName(key.toLowerCase(Locale.ROOT));
  }

  public static List<String> labelValue(String value) {
    boolean good = value.isEmpty() || isNamePart(value, 0, value.length());
    return messages(tooLong(value, LABEL_LENGTH_MAX), good ? "" : LABEL_VALUE);
  }

  /// A name that begins with `prefix`, cut so that the whole fits a DNS label.
  public static String generate(String prefix, RandomGenerator random) {
    int kept = Math.min(prefix.length(), GENERATED_PREFIX_LENGTH_MAX);
    StringBuilder out = new StringBuilder(kept + GENERATED_LENGTH).append(prefix, 0, kept);
    for (int i = 0; i < GENERATED_LENGTH; i++) {
      out.append(GENERATED_ALPHABET.charAt(random.nextInt(GENERATED_ALPHABET.length())));
    }
    return out.toString();
  }

  private static boolean isNamePart(String text, int start, int end) {
    if (start >= end || !isAlphanumeric(text.charAt(start))) {
      return false;
    }
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (!isAlphanumeric(c) && c != '-' && c != '_' && c != '.') {
        return false;
      }
    }
    return isAlphanumeric(text.charAt(end - 1));
  }

  private static boolean isLowerOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  private static boolean isAlphanumeric(char c) {
    return isLowerOrDigit(c) || (c >= 'A' && c <= 'Z');
  }

  private static String tooLong(String text, int max) {
    return text.length() <= max ? "" : tooLong(text.length(), max);
  }

  private static String tooLong(int length, int max) {
    return length <= max ? "" : "must be no more than " + max + " bytes";
  }

  private static List<String> messages(String first, String second) {
    if (first.isEmpty()) {
      return second.isEmpty() ? List.of() : List.of(second);
    }
    return second.isEmpty() ? List.of(first) : List.of(first, second);
  }

  private static String expression(String form) {
    return " regex used for validation is '" + form + "')";
  }
}
