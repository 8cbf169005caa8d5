package dev.otherix.apiserver.negotiation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The grammar that header values share: tokens, quoted strings, lists.
final class HeaderText {
  /// RFC 9110's, and the at sign that Kubernetes has in the media types of OpenAPI documents.
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~@";

  private HeaderText() {}

  /// The parts between separators that stand outside of quotes, `max` of them at most; what is
  /// behind is left out.
  static List<String> split(String text, char separator, int max) {
    List<String> parts = new ArrayList<>(4);
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(start, i));
        start = i + 1;
        if (parts.size() == max) {
          return parts;
        }
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  /// A token as it is, a quoted string without its quotes, null when it is neither.
  static @Nullable String unquoted(String text) {
    if (!text.startsWith("\"")) {
      return isToken(text) ? text : null;
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        return i == text.length() - 1 ? out.toString() : null;
      }
      if (c == '\\') {
        i++;
        if (i == text.length()) {
          return null;
        }
        c = text.charAt(i);
      }
      if (c < ' ' || c == 0x7f) {
        return null;
      }
      out.append(c);
    }
    return null;
  }

  static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && TOKEN_MARKS.indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
