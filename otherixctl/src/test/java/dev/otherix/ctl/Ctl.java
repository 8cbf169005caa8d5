package dev.otherix.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.progress.Terminal;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;

/// Runs commands in this process as a shell would, without a terminal.
///
/// @param environment the process's variables
public record Ctl(Map<String, String> environment) {
  /// What a command wrote and how it ended.
  public record Result(int exit, String out, String err) {
    public Result succeeds() {
      assertEquals(0, exit, this::toString);
      assertFalse(err.contains("error: "), this::toString);
      return this;
    }

    public Result fails(int code) {
      assertEquals(code, exit, this::toString);
      return this;
    }
  }

  public Result run(String... arguments) {
    return run(new Terminal(false, false, input("")), arguments);
  }

  Result fed(String input, String... arguments) {
    return run(new Terminal(false, false, input(input)), arguments);
  }

  /// By a person who answers `input` when asked, on a terminal with colours.
  Result atTerminal(String input, String... arguments) {
    return run(new Terminal(true, true, input(input)), arguments);
  }

  private static ByteArrayInputStream input(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private Result run(Terminal terminal, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = Otherixctl.commandLine(new Session(environment), terminal, arguments[0]);
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exit = command.execute(arguments);
    return new Result(exit, out.toString(), err.toString());
  }
}
