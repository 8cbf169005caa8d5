package dev.otherix.bench.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Lets each of some processes have a share of one processor and no more, as if it had a small
/// machine of its own. Needs root and a cgroup tree with processors, of version 1 or 2. Ends with
/// them as free as before.
final class Confinement implements AutoCloseable {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");
  private static final long PERIOD_MICROS = 20_000;

  private final Path tree;
  private final List<Path> groups = new ArrayList<>();
  private final List<Long> confined = new ArrayList<>();

  private Confinement(Path tree) {
    this.tree = tree;
  }

  /// Whether this host can do it.
  static boolean isPossible() throws IOException {
    return Files.isWritable(ROOT.resolve("cpu/cgroup.procs")) || isVersion2();
  }

  private static boolean isVersion2() throws IOException {
    Path enabled = ROOT.resolve("cgroup.subtree_control");
    return Files.isWritable(enabled) && Files.readString(enabled).contains("cpu ");
  }

  /// @param share of one processor
  static Confinement of(List<Long> pids, double share) throws IOException {
    boolean second = isVersion2();
    Confinement confinement = new Confinement(second ? ROOT : ROOT.resolve("cpu"));
    long quota = Math.round(share * PERIOD_MICROS);
    try {
      for (long pid : pids) {
        Path group = confinement.tree.resolve("otherix-bench-" + pid);
        Files.createDirectory(group);
        confinement.groups.add(group);
        if (second) {
          Files.writeString(group.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
        } else {
          Files.writeString(group.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
          Files.writeString(group.resolve("cpu.cfs_quota_us"), Long.toString(quota));
        }
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
        confinement.confined.add(pid);
      }
      return confinement;
    } catch (IOException e) {
      confinement.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    for (long pid : confined) {
      Files.writeString(tree.resolve("cgroup.procs"), Long.toString(pid));
    }
    for (Path group : groups) {
      Files.delete(group);
    }
  }
}
