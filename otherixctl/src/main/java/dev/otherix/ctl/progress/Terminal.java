package dev.otherix.ctl.progress;

import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Map;

/// What a command may do with the person in front of it.
///
/// @param interactive whether there is one: input and output are a terminal
/// @param colours whether the output shows them
/// @param input where answers and manifests come from
public record Terminal(boolean interactive, boolean colours, InputStream input) {
  /// The process's own. Colours need a terminal, and that `NO_COLOR` is not set.
  // Java 25 has no console again when input or output is none; the check knows Java 22 to 24.
  @SuppressWarnings("SystemConsoleNull")
  public static Terminal ofProcess(Map<String, String> environment) {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    boolean plain =
        !environment.getOrDefault("NO_COLOR", "").isEmpty()
            || environment.getOrDefault("TERM", "").equals("dumb");
    return new Terminal(terminal, terminal && !plain, System.in);
  }

  /// The next line of the input, and no byte more; empty at its end.
  public String line() {
    try {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = input.read(); next >= 0 && next != '\n'; next = input.read()) {
        line.write(next);
      }
      return line.toString(Charset.defaultCharset());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Asks a question that only a yes agrees to.
  public boolean confirm(String question, PrintWriter err) {
    err.print(question + " [y/N]: ");
    err.flush();
    if (line().strip().toLowerCase(Locale.ROOT).startsWith("y")) {
      return true;
    }
    err.println("aborted");
    return false;
  }

  /// The next line, which a terminal does not show.
  // As above: Java 25 has no console again when input or output is none.
  @SuppressWarnings("SystemConsoleNull")
  public String secret(String prompt, PrintWriter err) {
    Console console = System.console();
    if (input.equals(System.in) && console != null) {
      char[] typed = console.readPassword("%s", prompt);
      return typed == null ? "" : new String(typed);
    }
    err.print(prompt);
    err.flush();
    return line();
  }

  /// `text` in a colour of ECMA-48, such as 31 for red.
  public String coloured(int colour, String text) {
    return colours ? "\u001b[" + colour + "m" + text + "\u001b[0m" : text;
  }
}
