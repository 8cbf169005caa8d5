package dev.otherix.e2e.clients;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Commands with what they must print, as text. A line begins with what it is:
///
/// - `#` a comment
/// - `file NAME`, then lines with `|`: a file that the commands find in their directory
/// - `$` a command for the shell
/// - `>` a line that it prints, `!` a line that it prints on stderr
/// - `exit N` its exit code, when that is not 0
///
/// `$`, `>`, `!` and `exit` may carry the releases that they hold for: `$[1.31+]`, `>[-1.28]`.
record Scenario(Map<String, String> files, List<Step> steps) {
  private static final Pattern LINE = Pattern.compile("(\\$|>|!|exit)(?:\\[([^\\]]+)])?(?: (.*))?");

  /// A command and what is expected of it.
  record Step(String command, List<String> out, List<String> err, int exit) {}

  /// The part of the text that holds for `release`.
  static Scenario parse(String text, Release release) {
    Reading reading = new Reading(release);
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      try {
        reading.line(line.stripTrailing());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + number + ": " + line, e);
      }
    }
    return reading.end();
  }

  private static final class Reading {
    private final Release release;
    private final Map<String, StringBuilder> files = new LinkedHashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private StringBuilder file = new StringBuilder();
    private String command = "";
    private List<String> out = new ArrayList<>();
    private List<String> err = new ArrayList<>();
    private int exit;

    Reading(Release release) {
      this.release = release;
    }

    void line(String line) {
      if (line.isBlank() || line.startsWith("#")) {
        return;
      }
      if (line.startsWith("file ")) {
        file = files.computeIfAbsent(line.substring(5), _ -> new StringBuilder());
      } else if (line.startsWith("|")) {
        file.append(line.substring(Math.min(2, line.length()))).append('\n');
      } else {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
          throw new IllegalArgumentException("it begins with nothing known");
        }
        String range = matcher.group(2);
        String rest = matcher.group(3) == null ? "" : matcher.group(3);
        marked(matcher.group(1), range == null || release.in(range), rest);
      }
    }

    private void marked(String mark, boolean holds, String rest) {
      if (mark.equals("$")) {
        endStep();
        command = holds ? rest : "";
      } else if (holds) {
        switch (mark) {
          case ">" -> out.add(rest);
          case "!" -> err.add(rest);
          default -> exit = Integer.parseInt(rest);
        }
      }
    }

    private void endStep() {
      if (!command.isEmpty()) {
        steps.add(new Step(command, List.copyOf(out), List.copyOf(err), exit));
      }
      out = new ArrayList<>();
      err = new ArrayList<>();
      exit = 0;
    }

    Scenario end() {
      endStep();
      Map<String, String> contents = new LinkedHashMap<>();
      files.forEach((name, content) -> contents.put(name, content.toString()));
      return new Scenario(contents, List.copyOf(steps));
    }
  }
}
