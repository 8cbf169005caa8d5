package dev.otherix.apiserver.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// The groups that a process of this machine is in, as the kernel lists them.
final class ProcessGroups {
  private final Path proc;

  /// @param proc `/proc`, or what stands for it
  ProcessGroups(Path proc) {
    this.proc = proc;
  }

  /// Whether the process still is one of the user and has the group. Reads a file.
  ///
  /// @param uid of the user; another user's process has taken the number of one that is gone
  boolean has(int pid, int uid, int gid) {
    List<String> lines;
    try {
      lines = Files.readAllLines(proc.resolve(Integer.toString(pid)).resolve("status"));
    } catch (IOException e) {
      // The process is gone, and with it whoever asked.
      return false;
    }
    return effective(lines, uid) && among(lines, "Groups:", gid);
  }

  private static boolean effective(List<String> lines, int uid) {
    List<String> ids = values(lines, "Uid:");
    return ids.size() > 1 && ids.get(1).equals(Integer.toString(uid));
  }

  private static boolean among(List<String> lines, String name, int gid) {
    return values(lines, name).contains(Integer.toString(gid));
  }

  private static List<String> values(List<String> lines, String name) {
    for (String line : lines) {
      if (line.startsWith(name)) {
        return Arrays.asList(line.substring(name.length()).strip().split("\\s+", -1));
      }
    }
    return List.of();
  }
}
