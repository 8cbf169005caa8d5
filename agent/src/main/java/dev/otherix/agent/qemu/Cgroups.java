package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachineSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A control group for each machine, in the kernel's second version of them: however a guest or its
/// QEMU behaves, the host and the other machines keep their share.
final class Cgroups {
  private static final System.Logger LOG = System.getLogger(Cgroups.class.getName());
  private static final List<String> CONTROLLERS = List.of("cpu", "memory", "pids");
  private static final String OURS = "otherix";
  private static final long MEBIBYTE = 1024L * 1024;

  /// What QEMU itself needs beside the guest's memory: its code, device models, the screen and
  /// caches of disks.
  private static final long OVERHEAD_MIB = 512;

  private static final int PERIOD_MICROS = 100_000;

  /// Threads of QEMU beside one for each processor: disks, the monitor, the screen.
  private static final int THREADS = 256;

  private static final int WEIGHT_OF_VCPU = 100;
  private static final int WEIGHT_MAX = 10_000;

  private final Path folder;

  private Cgroups(Path folder) {
    this.folder = folder;
  }

  /// Either groups can be made, or it is known why not.
  ///
  /// @param why null when they can
  record Found(@Nullable Cgroups cgroups, @Nullable String why) {}

  /// @param mount where the kernel shows the groups, `/sys/fs/cgroup`
  static Found find(Path mount) {
    Path controllers = mount.resolve("cgroup.controllers");
    try {
      if (!Files.exists(controllers)) {
        return new Found(
            null, mount + " is not cgroup version 2; boot with systemd.unified_cgroup_hierarchy=1");
      }
      List<String> offered = Arrays.asList(Files.readString(controllers).strip().split(" "));
      for (String each : CONTROLLERS) {
        if (!offered.contains(each)) {
          return new Found(
              null,
              "the kernel does not offer the controller "
                  + each
                  + " in "
                  + mount
                  + "; do not use it in cgroup version 1");
        }
      }
      enable(mount);
      Path ours = mount.resolve(OURS);
      Files.createDirectories(ours);
      enable(ours);
      return new Found(new Cgroups(ours), null);
    } catch (IOException e) {
      return new Found(
          null, "groups cannot be made in " + mount + ": " + e.getMessage() + "; run as root");
    }
  }

  private static void enable(Path group) throws IOException {
    Path file = group.resolve("cgroup.subtree_control");
    List<String> enabled =
        Files.exists(file) ? Arrays.asList(Files.readString(file).strip().split(" ")) : List.of();
    for (String each : CONTROLLERS) {
      if (!enabled.contains(each)) {
        write(file, "+" + each);
      }
    }
  }

  /// Makes the machine's group.
  ///
  /// @return what a process writes its pid to in order to be in it
  Path make(MachinePlan plan) throws IOException {
    Path group = group(plan.uid());
    Files.createDirectories(group);
    limit(plan.uid(), new MachineSize(plan.vcpus(), plan.memoryMiB()));
    return group.resolve("cgroup.procs");
  }

  /// Changes what the machine's group may use. Nothing happens when there is none.
  void limit(String uid, MachineSize size) throws IOException {
    Path group = group(uid);
    if (!Files.isDirectory(group)) {
      return;
    }
    int vcpus = size.vcpus();
    write(group.resolve("memory.max"), Long.toString((size.memoryMiB() + OVERHEAD_MIB) * MEBIBYTE));
    write(group.resolve("cpu.max"), (vcpus + 1L) * PERIOD_MICROS + " " + PERIOD_MICROS);
    write(
        group.resolve("cpu.weight"),
        Integer.toString(Math.min(WEIGHT_MAX, vcpus * WEIGHT_OF_VCPU)));
    write(group.resolve("pids.max"), Integer.toString(vcpus + THREADS));
  }

  /// Removes the group of a machine whose process is gone.
  void remove(String uid) {
    try {
      Files.deleteIfExists(group(uid));
    } catch (DirectoryNotEmptyException e) {
      LOG.log(System.Logger.Level.WARNING, "control group is still used uid=" + uid, e);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "control group stays uid=" + uid, e);
    }
  }

  private Path group(String uid) {
    return folder.resolve(uid);
  }

  /// The kernel takes such a file's content in one write.
  private static void write(Path file, String value) throws IOException {
    Files.write(
        file,
        value.getBytes(StandardCharsets.US_ASCII),
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }
}
