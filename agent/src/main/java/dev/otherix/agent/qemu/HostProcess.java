package dev.otherix.agent.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A process of this host, as its process table shows it. What it was started with proves what it
/// is; a pid alone, which the host uses again, proves nothing.
record HostProcess(long pid, List<String> arguments) {
  /// @param table `/proc`
  static List<HostProcess> all(Path table) {
    List<HostProcess> found = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(table, "[0-9]*")) {
      for (Path folder : folders) {
        HostProcess each = read(folder);
        if (each != null) {
          found.add(each);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the process table at " + table + " cannot be read", e);
    }
    return found;
  }

  private static @Nullable HostProcess read(Path folder) {
    try {
      String text =
          new String(Files.readAllBytes(folder.resolve("cmdline")), StandardCharsets.UTF_8);
      return new HostProcess(
          Long.parseLong(folder.getFileName().toString()), List.of(text.split("\0", -1)));
    } catch (IOException _) {
      // It ended between the listing and the reading.
      return null;
    }
  }

  /// Whether this very process still runs; one that has ended and waits for its parent does not.
  boolean isAlive(Path table) {
    return equals(read(table.resolve(Long.toString(pid))));
  }

  /// The name of its program, without a folder.
  String program() {
    return Path.of(arguments.getFirst()).getFileName() + "";
  }

  /// What stands behind an option; empty when it is not there.
  String after(String option) {
    int at = arguments.indexOf(option);
    return at < 0 || at + 1 >= arguments.size() ? "" : arguments.get(at + 1);
  }

  /// By SIGKILL, if it still runs.
  void kill(Path table) {
    ProcessHandle.of(pid).filter(_ -> isAlive(table)).ifPresent(ProcessHandle::destroyForcibly);
  }
}
