package dev.otherix.agent.qemu;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Finds out whether KVM works by booting a guest of seven bytes with it: a device file that is
/// there proves little, because some hosts' KVM answers and then cannot run a guest. One trial
/// serves until the host boots again.
record AcceleratorTrial(Accelerator accelerator, String why) {
  private static final Duration BOOT_MAX = Duration.ofSeconds(10);
  private static final Duration BOOT_MIN = Duration.ofSeconds(1);
  private static final long LOOK_MILLIS = 20;

  /// KVM that needs so many times what emulation needs accelerates nothing.
  private static final long SLOWER_MAX = 2;

  private static final int SECTOR = 512;
  private static final int DISK_BYTES = 1024 * 1024;

  /// Writes 0x10 to the port of the exit device, which makes QEMU exit with 33.
  private static final byte[] PROGRAM = {
    (byte) 0xb0, 0x10, (byte) 0xe6, (byte) 0xf4, (byte) 0xf4, (byte) 0xeb, (byte) 0xfd
  };

  private static final int BOOTED = 33;

  /// @param device `/dev/kvm`
  /// @param boot a file that names the host's boot
  /// @param scratch a folder for small files
  static AcceleratorTrial run(GuestArch arch, Path binary, Path device, Path boot, Path scratch)
      throws InterruptedException {
    if (!Files.isReadable(device) || !Files.isWritable(device)) {
      return new AcceleratorTrial(
          Accelerator.TCG,
          Files.exists(device)
              ? "the agent may not use " + device + "; add its user to the group kvm"
              : "the host has no " + device);
    }
    return switch (arch) {
      case AMD64 -> once(binary, boot, scratch);
      // The exit device is of PCs only.
      case ARM64 -> new AcceleratorTrial(Accelerator.KVM, device + " is there");
    };
  }

  private static AcceleratorTrial once(Path binary, Path boot, Path scratch)
      throws InterruptedException {
    try {
      Files.createDirectories(scratch);
      TrialRecord record = TrialRecord.of(scratch, binary, boot);
      Optional<AcceleratorTrial> known = record.read();
      if (known.isPresent()) {
        return known.get().accelerator == Accelerator.KVM
            ? known.get()
            : known.get().toTryAgain(record.file());
      }
      AcceleratorTrial found = boot(binary, scratch);
      record.write(found);
      return found;
    } catch (IOException e) {
      // It tells nothing of KVM, so the next start tries again.
      return new AcceleratorTrial(Accelerator.TCG, "the trial of KVM failed: " + e.getMessage());
    }
  }

  private AcceleratorTrial toTryAgain(Path file) {
    return new AcceleratorTrial(
        accelerator,
        why + " (known since the host booted; to try again, remove " + file + " and restart)");
  }

  private static AcceleratorTrial boot(Path binary, Path scratch)
      throws IOException, InterruptedException {
    Path disk = scratch.resolve("accelerator-trial.img");
    Path output = scratch.resolve("accelerator-trial.log");
    List<Process> started = new ArrayList<>();
    try {
      Files.write(disk, bootDisk());
      long start = System.nanoTime();
      Process process = start(command(binary, disk, "kvm", "host"), output.toFile());
      started.add(process);
      Process emulated = start(command(binary, disk, "tcg", "max"), new File("/dev/null"));
      started.add(emulated);
      if (!endsInTime(process, emulated, start)) {
        return new AcceleratorTrial(
            Accelerator.TCG,
            "a trial guest on KVM did not boot in time: 10 s, or twice what emulation takes");
      }
      if (process.exitValue() == BOOTED) {
        return new AcceleratorTrial(Accelerator.KVM, "a trial guest booted on KVM");
      }
      return new AcceleratorTrial(
          Accelerator.TCG,
          "a trial guest on KVM ended with " + process.exitValue() + ": " + lastLine(output));
    } finally {
      for (Process each : started) {
        each.destroyForcibly().waitFor();
      }
    }
  }

  private static Process start(List<String> command, File output) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
  }

  /// Whether the guest on KVM boots within some times what the same takes without: a host that is
  /// busy delays both.
  private static boolean endsInTime(Process process, Process emulated, long start)
      throws InterruptedException {
    long latest = start + BOOT_MAX.toNanos();
    while (process.isAlive() && emulated.isAlive() && System.nanoTime() < latest) {
      process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
    if (process.isAlive() && !emulated.isAlive() && emulated.exitValue() == BOOTED) {
      long emulation = System.nanoTime() - start;
      latest = Math.min(latest, start + Math.max(SLOWER_MAX * emulation, BOOT_MIN.toNanos()));
    }
    return process.waitFor(latest - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  static byte[] bootDisk() {
    byte[] disk = new byte[DISK_BYTES];
    System.arraycopy(PROGRAM, 0, disk, 0, PROGRAM.length);
    disk[SECTOR - 2] = 0x55;
    disk[SECTOR - 1] = (byte) 0xaa;
    return disk;
  }

  private static List<String> command(Path binary, Path disk, String accelerator, String cpu) {
    return List.of(
        binary.toString(),
        "-no-user-config",
        "-nodefaults",
        "-machine",
        "q35,accel=" + accelerator,
        "-cpu",
        cpu,
        "-m",
        "64",
        "-display",
        "none",
        "-drive",
        "if=none,id=disk0,format=raw,readonly=on,file=" + disk.toString().replace(",", ",,"),
        "-device",
        "virtio-blk-pci,drive=disk0,bootindex=0",
        "-device",
        "isa-debug-exit,iobase=0xf4,iosize=4");
  }

  private static String lastLine(Path output) throws IOException {
    List<String> lines = Files.readAllLines(output);
    return lines.isEmpty() ? "it said nothing" : lines.getLast();
  }
}
