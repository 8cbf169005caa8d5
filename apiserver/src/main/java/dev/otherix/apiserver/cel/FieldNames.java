package dev.otherix.apiserver.cel;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Names of members as expressions write them: what CEL cannot say is escaped.
final class FieldNames {
  private static final Set<String> RESERVED =
      Set.of(
          "true",
          "false",
          "null",
          "in",
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return",
          "var",
          "void",
          "while");

  private FieldNames() {}

  /// Null where no expression can name the member, such as `1st` or `größe`.
  static @Nullable String escape(String name) {
    if (RESERVED.contains(name)) {
      return "__" + name + "__";
    }
    if (name.isEmpty() || Character.isDigit(name.charAt(0))) {
      return null;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char each = name.charAt(i);
      if (each == '_' && i + 1 < name.length() && name.charAt(i + 1) == '_') {
        out.append("__underscores__");
        i++;
      } else if (each == '.') {
        out.append("__dot__");
      } else if (each == '-') {
        out.append("__dash__");
      } else if (each == '/') {
        out.append("__slash__");
      } else if (each == '_' || (each < 0x80 && Character.isLetterOrDigit(each))) {
        out.append(each);
      } else {
        return null;
      }
    }
    return out.toString();
  }
}
