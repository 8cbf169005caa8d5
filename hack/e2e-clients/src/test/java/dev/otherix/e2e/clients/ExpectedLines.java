package dev.otherix.e2e.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Compares what a command printed with what a [Scenario] expects. Runs of spaces after the
/// indentation count as one, because columns are as wide as their widest cell; so do runs of empty
/// lines, whose number kubectl changes from release to release. `<age>`, `<uid>`, `<time>`,
/// `<number>` and `<text>` stand for what differs from run to run, and a line `...` for any number
/// of lines.
final class ExpectedLines {
  private static final Map<String, String> PLACEHOLDERS =
      Map.of(
          "<age>", "(?:\\d+[smhd])+|<invalid>",
          "<uid>", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
          "<time>", "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z",
          "<number>", "\\d+",
          "<text>", ".+");
  private static final Pattern RUN = Pattern.compile("(?<=\\S) {2,}");
  private static final Pattern PLACEHOLDER = Pattern.compile("<(?:age|uid|time|number|text)>");

  private ExpectedLines() {}

  static boolean match(List<String> expected, List<String> printed) {
    return match(squeezed(expected), 0, squeezed(printed), 0);
  }

  /// With one empty line for each run of them, and none at the end.
  private static List<String> squeezed(List<String> lines) {
    List<String> kept = new ArrayList<>();
    for (String line : lines) {
      if (!line.isBlank() || kept.isEmpty() || !kept.getLast().isBlank()) {
        kept.add(line);
      }
    }
    while (!kept.isEmpty() && kept.getLast().isBlank()) {
      kept.removeLast();
    }
    return kept;
  }

  private static boolean match(List<String> expected, int e, List<String> printed, int p) {
    if (e == expected.size()) {
      return p == printed.size();
    }
    if (expected.get(e).equals("...")) {
      for (int next = p; next <= printed.size(); next++) {
        if (match(expected, e + 1, printed, next)) {
          return true;
        }
      }
      return false;
    }
    return p < printed.size()
        && lineMatches(expected.get(e), printed.get(p))
        && match(expected, e + 1, printed, p + 1);
  }

  static boolean lineMatches(String expected, String printed) {
    StringBuilder pattern = new StringBuilder();
    String line = RUN.matcher(expected.stripTrailing()).replaceAll(" ");
    Matcher matcher = PLACEHOLDER.matcher(line);
    int from = 0;
    while (matcher.find()) {
      pattern.append(Pattern.quote(line.substring(from, matcher.start())));
      String regex = PLACEHOLDERS.getOrDefault(matcher.group(), "");
      pattern.append("(?:").append(regex).append(')');
      from = matcher.end();
    }
    pattern.append(Pattern.quote(line.substring(from)));
    return normal(printed).matches(pattern.toString());
  }

  static String normal(String line) {
    return RUN.matcher(line.stripTrailing()).replaceAll(" ");
  }
}
