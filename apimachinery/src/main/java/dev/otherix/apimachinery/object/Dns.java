package dev.otherix.apimachinery.object;

/// Names as RFC 1123 and Kubernetes allow them.
public final class Dns {
  public static final int LABEL_MAX = 63;
  public static final int SUBDOMAIN_MAX = 253;

  private Dns() {}

  public static boolean isLabel(String text) {
    return text.length() <= LABEL_MAX && isLabel(text, 0, text.length(), false);
  }

  /// A label that must begin with a letter: singular and plural names, short names.
  public static boolean isName(String text) {
    return isLabel(text) && text.charAt(0) >= 'a';
  }

  public static boolean isSubdomain(String text) {
    return text.length() <= SUBDOMAIN_MAX && isSubdomainOfAnyLength(text);
  }

  static boolean isSubdomainOfAnyLength(String text) {
    return labels(text, false, text.length());
  }

  /// Like a subdomain, but upper-case letters are allowed and each label has its own bound.
  public static boolean isHostname(String text) {
    return text.length() <= SUBDOMAIN_MAX && labels(text, true, LABEL_MAX);
  }

  private static boolean labels(String text, boolean upperCase, int labelMax) {
    int start = 0;
    while (true) {
      int dot = text.indexOf('.', start);
      int end = dot < 0 ? text.length() : dot;
      if (end - start > labelMax || !isLabel(text, start, end, upperCase)) {
        return false;
      }
      if (dot < 0) {
        return true;
      }
      start = dot + 1;
    }
  }

  static boolean isLabel(String text, int start, int end, boolean upperCase) {
    if (start >= end || text.charAt(start) == '-' || text.charAt(end - 1) == '-') {
      return false;
    }
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      boolean word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      if (!word && !(upperCase && c >= 'A' && c <= 'Z')) {
        return false;
      }
    }
    return true;
  }
}
