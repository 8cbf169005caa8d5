package dev.otherix.agent.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/// A network namespace of a test's own: another host, or a guest.
final class Namespace {
  private static final int SECONDS_MAX = 60;
  private static final AtomicInteger COUNT = new AtomicInteger();

  /// Where wireguard-go has its sockets, which are files and so not in the namespace.
  private static final String SOCKETS = "/run/wireguard";

  private final String name;
  private final Path sockets;
  private final List<Process> running = new ArrayList<>();

  private Namespace(String name, Path sockets) {
    this.name = name;
    this.sockets = sockets;
  }

  /// Skips the test where namespaces cannot be made.
  static Namespace open() throws Exception {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "network namespaces need root; run the tests as root");
    String name = "otx" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    execute(List.of("ip", "netns", "add", name));
    execute(List.of("mkdir", "-p", SOCKETS));
    Namespace made = new Namespace(name, Files.createTempDirectory(name));
    made.run("ip link set lo up");
    return made;
  }

  String name() {
    return name;
  }

  /// Connects two namespaces.
  void join(String device, Namespace other, String itsDevice) throws Exception {
    run("ip link add %s type veth peer name %s netns %s".formatted(device, itsDevice, other.name));
    run("ip link set " + device + " up");
    other.run("ip link set " + itsDevice + " up");
  }

  /// What a command prints, by the shell; it must succeed.
  String run(String command) throws Exception {
    Result result = attempt(command);
    if (result.code != 0) {
      throw new IllegalStateException(command + ": " + result.output);
    }
    return result.output;
  }

  /// The same for a command that may fail.
  Result attempt(String command) throws Exception {
    return execute(in("sh", "-c", command), false);
  }

  record Result(int code, String output) {}

  /// A program that runs until the namespace is closed.
  Process start(String... command) throws IOException {
    Process process =
        new ProcessBuilder(in(command)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    running.add(process);
    return process;
  }

  /// The same for a class of the tests.
  Process startJava(Class<?> main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return start(command.toArray(String[]::new));
  }

  private List<String> in(String... command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name, "sh", "-c"));
    all.add("mount --bind " + sockets + " " + SOCKETS + " && exec \"$@\"");
    all.add("sh");
    all.addAll(List.of(command));
    return all;
  }

  private static String execute(List<String> command) throws Exception {
    Result result = execute(command, true);
    return result.output;
  }

  private static Result execute(List<String> command, boolean mustSucceed) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException(command + " does not end");
    }
    if (mustSucceed && process.exitValue() != 0) {
      throw new IllegalStateException(command + ": " + output);
    }
    return new Result(process.exitValue(), output);
  }

  void close() throws Exception {
    for (Process each : running) {
      each.destroyForcibly().waitFor();
    }
    // A machine outlives its agent, also when a test fails.
    for (String pid : execute(List.of("ip", "netns", "pids", name)).split("\\s+")) {
      if (!pid.isEmpty()) {
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
    execute(List.of("ip", "netns", "del", name));
    execute(List.of("rm", "-rf", sockets.toString()));
  }
}
