package dev.otherix.ctl;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.progress.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/// Runs the commands that stand in the lines of standard input, one after the other, in one
/// process. Called by `hack/train-aot`: Java writes one AOT cache for one process, and the cache is
/// to know what all commands need, not one.
final class Training {
  private Training() {}

  public static void main(String[] none) throws IOException {
    Otherixctl.beginToWarmUp();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] arguments = line.strip().split(" +", -1);
      Session session = new Session(System.getenv());
      Terminal terminal = Terminal.ofProcess(System.getenv());
      int exit = Otherixctl.commandLine(session, terminal, arguments[0]).execute(arguments);
      if (exit != 0) {
        System.err.println("training: exit code " + exit + ": " + line);
      }
    }
  }
}
