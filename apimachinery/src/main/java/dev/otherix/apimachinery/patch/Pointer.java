package dev.otherix.apimachinery.patch;

import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.List;

/// A JSON Pointer (RFC 6901), taken apart. The empty text is the whole document.
///
/// @param text as it was written, for messages
/// @param tokens without escapes
record Pointer(String text, List<String> tokens) {
  Pointer {
    tokens = List.copyOf(tokens);
  }

  /// @throws ApiException 400 that begins with `where`
  static Pointer parse(String text, String where) {
    if (text.isEmpty()) {
      return new Pointer(text, List.of());
    }
    if (text.charAt(0) != '/') {
      throw ApiException.badRequest(
          where + ": the pointer \"" + text + "\" must be empty or begin with \"/\"");
    }
    List<String> tokens = new ArrayList<>();
    int start = 1;
    for (int slash = text.indexOf('/', start); slash >= 0; slash = text.indexOf('/', start)) {
      tokens.add(unescape(text, start, slash, where));
      start = slash + 1;
    }
    tokens.add(unescape(text, start, text.length(), where));
    return new Pointer(text, tokens);
  }

  boolean isRoot() {
    return tokens.isEmpty();
  }

  String last() {
    return tokens.getLast();
  }

  boolean isProperPrefixOf(Pointer other) {
    int length = tokens.size();
    return length < other.tokens.size() && other.tokens.subList(0, length).equals(tokens);
  }

  private static String unescape(String text, int start, int end, String where) {
    StringBuilder out = new StringBuilder(end - start);
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c == '~') {
        i++;
        char code = i < end ? text.charAt(i) : 0;
        if (code != '0' && code != '1') {
          throw ApiException.badRequest(
              where + ": in the pointer \"" + text + "\" write \"~0\" for \"~\", \"~1\" for \"/\"");
        }
        c = code == '0' ? '~' : '/';
      }
      out.append(c);
    }
    return out.toString();
  }
}
