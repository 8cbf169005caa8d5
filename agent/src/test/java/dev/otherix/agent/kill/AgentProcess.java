package dev.otherix.agent.kill;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A [KilledAgent] as its test sees it.
final class AgentProcess implements AutoCloseable {
  private static final int SECONDS_MAX = 60;
  private static final String STOPPED = "at ";

  private final Process process;
  private final BufferedWriter in;
  private final Path log;
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private volatile String stoppedAt = "";

  private AgentProcess(Process process, Path log) {
    this.process = process;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    this.log = log;
    // Reading from a pipe holds the thread that a virtual one runs on.
    Thread.ofPlatform().daemon().start(this::read);
  }

  /// A process that does nothing yet.
  static AgentProcess prepare(AgentStart start, Path folder, Path socket, Path log)
      throws IOException {
    Process process =
        new ProcessBuilder(start.command(folder, socket))
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new AgentProcess(process, log);
  }

  void begin() throws Exception {
    send("begin");
    await("ready");
  }

  private void send(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(STOPPED)) {
          stoppedAt = line.substring(STOPPED.length());
        } else {
          said.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void await(String line) throws Exception {
    String got = said.poll(SECONDS_MAX, TimeUnit.SECONDS);
    if (!line.equals(got)) {
      process.destroyForcibly();
      throw new IllegalStateException(
          "the agent says " + got + " and not " + line + ":\n" + Files.readAllLines(log));
    }
  }

  /// Has it stop at the n-th fault point from now on; 0 for none.
  ///
  /// @param uncounted points at which it does not stop
  void stopAt(int passage, Collection<String> uncounted) throws Exception {
    send((passage + " " + String.join(" ", uncounted)).strip());
    await("armed");
  }

  /// Where it stopped; empty while it goes on.
  String stoppedAt() {
    return stoppedAt;
  }

  /// In order.
  void end() throws Exception {
    in.close();
    if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the agent does not end:\n" + Files.readAllLines(log));
    }
  }

  /// By SIGKILL.
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /// How many QEMUs with this uid run on the host.
  static int count(String uid) throws IOException {
    return count(arguments -> {
      int at = arguments.indexOf("-uuid");
      return arguments.getFirst().contains("qemu-system-")
          && at >= 0
          && arguments.get(at + 1).equals(uid);
    });
  }

  /// How many TPMs of the machine run on the host.
  static int countTpms(String uid) throws IOException {
    return count(arguments ->
        arguments.getFirst().endsWith("swtpm")
            && arguments.stream().anyMatch(each -> each.endsWith("/" + uid + "/run/tpm.sock")));
  }

  private static int count(Predicate<List<String>> wanted) throws IOException {
    int found = 0;
    try (var folders = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path each : folders) {
        found += wanted.test(arguments(each)) ? 1 : 0;
      }
    }
    return found;
  }

  private static List<String> arguments(Path process) {
    try {
      byte[] line = Files.readAllBytes(process.resolve("cmdline"));
      return List.of(new String(line, StandardCharsets.UTF_8).split("\0", -1));
    } catch (IOException _) {
      // It ended meanwhile.
      return List.of("");
    }
  }
}
