package dev.otherix.apiserver.cel;

import java.util.ArrayList;
import java.util.List;

/// The paths of `fieldPath`: `.spec.size`, `.metadata['a.b']`. No indexes, no wildcards.
final class MemberPath {
  private MemberPath() {}

  /// The names in it; none where the text is no such path.
  static List<String> parse(String text) {
    List<String> names = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end;
      if (text.startsWith("['", at)) {
        end = text.indexOf("']", at);
        if (end < 0) {
          return List.of();
        }
        names.add(text.substring(at + 2, end).replace("\\'", "'"));
        at = end + 2;
      } else if (text.charAt(at) == '.') {
        end = at + 1;
        while (end < text.length() && text.charAt(end) != '.' && text.charAt(end) != '[') {
          end++;
        }
        if (end == at + 1) {
          return List.of();
        }
        names.add(text.substring(at + 1, end));
        at = end;
      } else {
        return List.of();
      }
    }
    return List.copyOf(names);
  }
}
