package dev.otherix.agent.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The QEMU processes of this host, as its process table shows them. What a process was started
/// with proves which machine it is; a pid alone, which the host uses again, proves nothing.
final class QemuProcesses {
  private final Path table;

  /// @param table `/proc`
  QemuProcesses(Path table) {
    this.table = table;
  }

  /// @param pidFile what it was told to write its pid to; empty when it was not
  record Found(long pid, String uid, String pidFile) {}

  Optional<Found> find(String uid) {
    for (Found each : all()) {
      if (each.uid.equals(uid)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  List<Found> all() {
    List<Found> found = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(table, "[0-9]*")) {
      for (Path folder : folders) {
        Found each = read(folder);
        if (each != null) {
          found.add(each);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the process table at " + table + " cannot be read", e);
    }
    return found;
  }

  /// Whether this very process still runs; one that has ended and waits for its parent does not.
  boolean isAlive(Found process) {
    Found now = read(table.resolve(Long.toString(process.pid)));
    return now != null && now.uid.equals(process.uid);
  }

  private static @Nullable Found read(Path folder) {
    String[] arguments;
    try {
      String text =
          new String(Files.readAllBytes(folder.resolve("cmdline")), StandardCharsets.UTF_8);
      arguments = text.split("\0", -1);
    } catch (IOException _) {
      // It ended between the listing and the reading.
      return null;
    }
    String program = Path.of(arguments[0]).getFileName() + "";
    String uid = after("-uuid", arguments);
    if (!program.startsWith("qemu-system-") || uid.isEmpty()) {
      return null;
    }
    return new Found(
        Long.parseLong(folder.getFileName().toString()), uid, after("-pidfile", arguments));
  }

  private static String after(String option, String[] arguments) {
    for (int i = 0; i + 1 < arguments.length; i++) {
      if (arguments[i].equals(option)) {
        return arguments[i + 1];
      }
    }
    return "";
  }
}
