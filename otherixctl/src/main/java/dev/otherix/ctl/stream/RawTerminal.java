package dev.otherix.ctl.stream;

import dev.otherix.ctl.failure.CommandFailure;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The process's terminal, whose every key goes to the program while it is open. It is as before
/// again once it is closed, and also when the process is ended by a signal.
final class RawTerminal implements AutoCloseable {
  private static final File TERMINAL = new File("/dev/tty");

  private final String before;
  private final Thread hook = new Thread(this::restore, "restore-terminal");

  private RawTerminal(String before) {
    this.before = before;
  }

  /// @throws CommandFailure when there is no terminal
  static RawTerminal open() throws InterruptedException {
    try {
      RawTerminal terminal = new RawTerminal(stty("-g").strip());
      Runtime.getRuntime().addShutdownHook(terminal.hook);
      stty("raw", "-echo");
      return terminal;
    } catch (IOException e) {
      throw new CommandFailure("the terminal cannot be set: " + e.getMessage(), e);
    }
  }

  private static String stty(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(TERMINAL)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    int exit = process.waitFor();
    if (exit != 0) {
      throw new IOException("stty ended with " + exit);
    }
    return said;
  }

  private void restore() {
    try {
      stty(before);
    } catch (IOException e) {
      throw new CommandFailure("the terminal cannot be set back; type: stty sane", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    restore();
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
