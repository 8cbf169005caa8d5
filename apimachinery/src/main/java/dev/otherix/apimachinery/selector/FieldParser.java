package dev.otherix.apimachinery.selector;

import dev.otherix.apimachinery.status.ApiException;
import java.util.ArrayList;
import java.util.List;

/// One reading of a field selector's text.
final class FieldParser {
  static final int LENGTH_MAX = 256 * 1024;

  private final String text;

  FieldParser(String text) {
    if (text.length() > LENGTH_MAX) {
      throw ApiException.badRequest(
          "a field selector of " + text.length() + " characters; the limit is " + LENGTH_MAX);
    }
    this.text = text;
  }

  List<FieldSelector.Term> terms() {
    List<FieldSelector.Term> out = new ArrayList<>();
    int start = 0;
    boolean escaped = false;
    for (int i = 0; i <= text.length(); i++) {
      boolean end = i == text.length();
      if (end || (text.charAt(i) == ',' && !escaped)) {
        if (i > start) {
          out.add(term(text.substring(start, i)));
        }
        start = i + 1;
      }
      escaped = !end && !escaped && text.charAt(i) == '\\';
    }
    return out;
  }

  private FieldSelector.Term term(String term) {
    for (int i = 0; i < term.length(); i++) {
      if (term.startsWith("!=", i)) {
        return new FieldSelector.Term(term.substring(0, i), true, unescape(term, i + 2));
      }
      if (term.charAt(i) == '=') {
        int length = term.startsWith("==", i) ? 2 : 1;
        return new FieldSelector.Term(term.substring(0, i), false, unescape(term, i + length));
      }
    }
    throw ApiException.badRequest(
        "invalid selector: '" + text + "'; can't understand '" + term + "'");
  }

  private static String unescape(String term, int from) {
    StringBuilder out = new StringBuilder(term.length() - from);
    for (int i = from; i < term.length(); i++) {
      char c = term.charAt(i);
      if (c == '\\') {
        i++;
        String sequence = term.substring(i - 1, Math.min(i + 1, term.length()));
        if (!sequence.equals("\\\\") && !sequence.equals("\\,") && !sequence.equals("\\=")) {
          throw ApiException.badRequest(
              "invalid field selector: invalid escape sequence: " + sequence);
        }
        c = term.charAt(i);
      } else if (c == ',' || c == '=') {
        throw ApiException.badRequest(
            "invalid field selector: unescaped character in value: "
                + c
                + "; write \\"
                + c
                + " for it");
      }
      out.append(c);
    }
    return out.toString();
  }
}
