package dev.otherix.ctl.noun;

import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Terminal;
import java.io.PrintWriter;

/// A password that a person chooses.
final class NewPassword {
  private NewPassword() {}

  /// @param fromInput whether it is the first line of standard input; else the person is asked
  static String read(Terminal terminal, boolean fromInput, PrintWriter err) {
    if (fromInput) {
      String line = terminal.line();
      return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }
    if (!terminal.interactive()) {
      throw new CommandFailure(
          Exit.USAGE, "nobody can be asked for the password here; give --password-stdin");
    }
    String first = terminal.secret("password: ", err);
    if (!terminal.secret("again: ", err).equals(first)) {
      throw new CommandFailure(Exit.USAGE, "the two passwords differ");
    }
    return first;
  }
}
