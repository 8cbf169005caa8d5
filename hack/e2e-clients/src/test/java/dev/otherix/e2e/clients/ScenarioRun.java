package dev.otherix.e2e.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs a [Scenario]'s commands in a directory of their own, where `kubectl` is the one under test.
final class ScenarioRun {
  /// Far above what any command needs; a client that hangs fails by it.
  private static final long COMMAND_SECONDS_MAX = 40;

  private final Path directory;
  private final Map<String, String> environment;

  ScenarioRun(Path directory, Kubectl kubectl, Path kubeconfig) throws IOException {
    this.directory = directory;
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("kubectl"), kubectl.binary());
    Path functions = bin.resolve("functions.sh");
    Files.writeString(functions, TestFile.text("/kubectl/functions.sh"));
    this.environment =
        Map.of(
            "PATH",
            bin + ":" + System.getenv("PATH"),
            "BASH_ENV",
            functions.toString(),
            "KUBECONFIG",
            kubeconfig.toString(),
            "HOME",
            directory.toString(),
            "LC_ALL",
            "C",
            "TZ",
            "UTC");
  }

  /// @return what was not as expected, each in the form of the scenario's own text
  List<String> failures(Scenario scenario) throws IOException, InterruptedException {
    for (Map.Entry<String, String> file : scenario.files().entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue());
    }
    List<String> failures = new ArrayList<>();
    for (Scenario.Step step : scenario.steps()) {
      Printed printed = run(step.command());
      boolean asExpected =
          printed.exit == step.exit()
              && ExpectedLines.match(step.out(), printed.out)
              && ExpectedLines.match(step.err(), printed.err);
      if (!asExpected) {
        failures.add(
            shown(step.command(), new Printed(step.out(), step.err(), step.exit()))
                + "# but was\n"
                + shown(step.command(), printed));
      }
    }
    return failures;
  }

  private record Printed(List<String> out, List<String> err, int exit) {}

  private Printed run(String command) throws IOException, InterruptedException {
    Path out = directory.resolve("bin/out");
    Path err = directory.resolve("bin/err");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    int exit;
    if (process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS)) {
      exit = process.exitValue();
    } else {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
      exit = -1;
    }
    return new Printed(Files.readAllLines(out), Files.readAllLines(err), exit);
  }

  private static String shown(String command, Printed printed) {
    StringBuilder text = new StringBuilder("$ ").append(command).append('\n');
    for (String line : printed.out) {
      text.append("> ").append(ExpectedLines.normal(line)).append('\n');
    }
    for (String line : printed.err) {
      text.append("! ").append(ExpectedLines.normal(line)).append('\n');
    }
    if (printed.exit != 0) {
      text.append("exit ").append(printed.exit).append('\n');
    }
    return text.toString();
  }
}
