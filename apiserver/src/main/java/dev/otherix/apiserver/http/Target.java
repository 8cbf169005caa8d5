package dev.otherix.apiserver.http;

import org.jspecify.annotations.Nullable;

/// What a request is for.
record Target(String path, String query) {

  /// @param text as on the wire: `/path?query`, or a whole URI as proxies send it
  /// @return null when it is neither
  static @Nullable Target parse(String text) {
    String rest = text;
    if (!rest.startsWith("/")) {
      int scheme = rest.indexOf("://");
      if (scheme < 0) {
        return null;
      }
      int slash = rest.indexOf('/', scheme + 3);
      rest = slash < 0 ? "/" : rest.substring(slash);
    }
    for (int i = 0; i < rest.length(); i++) {
      char each = rest.charAt(i);
      if (each <= ' ' || each >= 0x7f || each == '#') {
        return null;
      }
    }
    int mark = rest.indexOf('?');
    return mark < 0
        ? new Target(rest, "")
        : new Target(rest.substring(0, mark), rest.substring(mark + 1));
  }
}
