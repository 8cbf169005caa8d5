package dev.otherix.bench.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// Network namespaces of a benchmark's own, by short names, and what runs in them.
final class Lab implements AutoCloseable {
  private static final int SECONDS_MAX = 60;

  private final String prefix;
  private final Map<String, Path> made = new TreeMap<>();
  private final List<Process> running = new ArrayList<>();
  private final Path folder;

  /// @param prefix of the namespaces' names
  Lab(String prefix, Path folder) {
    this.prefix = prefix;
    this.folder = folder;
  }

  /// The namespace's own name.
  String name(String name) {
    return prefix + name;
  }

  void open(String name) throws Exception {
    execute(List.of("ip", "netns", "add", prefix + name));
    // wireguard-go has its sockets in a folder, which is not part of a namespace.
    made.put(name, Files.createDirectories(folder.resolve("sockets-" + name)));
    run(name, "ip link set lo up");
  }

  /// Connects two, and brings both ends up.
  void join(String one, String device, String other, String itsDevice) throws Exception {
    run(
        one,
        "ip link add %s type veth peer name %s netns %s; ip link set %s up"
            .formatted(device, itsDevice, prefix + other, device));
    run(other, "ip link set " + itsDevice + " up");
  }

  String run(String name, String command) throws Exception {
    return execute(in(name, "sh", "-ec", command));
  }

  Process start(String name, String... command) throws IOException {
    Process process =
        new ProcessBuilder(in(name, command))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    running.add(process);
    return process;
  }

  Process startJava(String name, Class<?> main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return start(name, command.toArray(String[]::new));
  }

  static String line(Process process) throws IOException {
    BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
    String line = reader.readLine();
    if (line == null) {
      throw new IllegalStateException("a process of the benchmark ended");
    }
    return line;
  }

  private List<String> in(String name, String... command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", prefix + name, "sh", "-c"));
    all.add("mount --bind " + made.get(name) + " /run/wireguard && exec \"$@\"");
    all.add("sh");
    all.addAll(List.of(command));
    return all;
  }

  private static String execute(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.onExit().orTimeout(SECONDS_MAX, TimeUnit.SECONDS).join().exitValue();
    if (code != 0) {
      throw new IllegalStateException(command + ": " + output);
    }
    return output;
  }

  @Override
  public void close() throws IOException {
    for (Process each : running) {
      Process _ = each.destroyForcibly().onExit().join();
    }
    for (String each : made.keySet()) {
      for (String pid : execute(List.of("ip", "netns", "pids", prefix + each)).split("\\s+")) {
        if (!pid.isEmpty()) {
          ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
      }
      execute(List.of("ip", "netns", "del", prefix + each));
    }
  }
}
