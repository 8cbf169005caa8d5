package dev.otherix.ctl.progress;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
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

  /// The next line of the input; empty at its end.
  public String line() {
    try {
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(input, Charset.defaultCharset()));
      String line = reader.readLine();
      return line == null ? "" : line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// `text` in a colour of ECMA-48, such as 31 for red.
  public String coloured(int colour, String text) {
    return colours ? "\u001b[" + colour + "m" + text + "\u001b[0m" : text;
  }
}
