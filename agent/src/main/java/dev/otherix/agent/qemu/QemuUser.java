package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.HypervisorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The user that machines run as, who owns nothing but what they write.
///
/// @param groups that it keeps besides its own, for the devices that QEMU opens
record QemuUser(String name, int uid, int gid, List<Integer> groups) {
  private static final int SECONDS_MAX = 10;

  /// Null when the host does not know the user.
  ///
  /// @throws HypervisorException when it is root
  static @Nullable QemuUser find(String name) throws InterruptedException {
    List<String> own = ask("id", "-u", name);
    if (own.isEmpty()) {
      return null;
    }
    int uid = Integer.parseInt(own.getFirst());
    if (uid == 0) {
      throw new HypervisorException(
          "machines cannot be confined as user " + name + ", who is root");
    }
    List<Integer> groups = new ArrayList<>();
    for (String each : ask("id", "-G", name)) {
      groups.add(Integer.parseInt(each));
    }
    int gid = Integer.parseInt(ask("id", "-g", name).getFirst());
    return new QemuUser(name, uid, gid, groups);
  }

  private static List<String> ask(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
      return ended && process.exitValue() == 0 ? List.of(text.strip().split("\\s+")) : List.of();
    } catch (IOException e) {
      throw new HypervisorException("id cannot be run: " + e.getMessage(), e);
    }
  }

  /// What goes in front of a command, which then has no way back to more rights.
  List<String> prefix() {
    List<String> all = new ArrayList<>();
    for (Integer each : groups) {
      if (each != gid) {
        all.add(each.toString());
      }
    }
    return List.of(
        "setpriv",
        "--reuid=" + uid,
        "--regid=" + gid,
        all.isEmpty() ? "--clear-groups" : "--groups=" + String.join(",", all),
        "--no-new-privs",
        "--inh-caps=-all",
        "--ambient-caps=-all",
        "--bounding-set=-all");
  }

  /// Makes a file the user's own. A link is not followed.
  void own(Path file) throws IOException {
    Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(file, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
  }

  /// Makes a file the user's to read.
  void admit(Path file) throws IOException {
    Files.setAttribute(file, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
  }
}
