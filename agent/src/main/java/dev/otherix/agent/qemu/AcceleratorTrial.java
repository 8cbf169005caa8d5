package dev.otherix.agent.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Finds out whether KVM works by booting a guest of seven bytes with it: a device file that is
/// there proves little, because some hosts' KVM answers and then cannot run a guest.
record AcceleratorTrial(Accelerator accelerator, String why) {
  private static final Duration BOOT_MAX = Duration.ofSeconds(10);
  private static final int SECTOR = 512;
  private static final int DISK_BYTES = 1024 * 1024;

  /// Writes 0x10 to the port of the exit device, which makes QEMU exit with 33.
  private static final byte[] PROGRAM = {
    (byte) 0xb0, 0x10, (byte) 0xe6, (byte) 0xf4, (byte) 0xf4, (byte) 0xeb, (byte) 0xfd
  };

  private static final int BOOTED = 33;

  /// @param device `/dev/kvm`
  /// @param scratch a folder for a small file
  static AcceleratorTrial run(GuestArch arch, Path binary, Path device, Path scratch)
      throws InterruptedException {
    if (!Files.isReadable(device) || !Files.isWritable(device)) {
      return new AcceleratorTrial(
          Accelerator.TCG,
          Files.exists(device)
              ? "the agent may not use " + device + "; add its user to the group kvm"
              : "the host has no " + device);
    }
    return switch (arch) {
      case AMD64 -> boot(binary, scratch);
      // The exit device is of PCs only.
      case ARM64 -> new AcceleratorTrial(Accelerator.KVM, device + " is there");
    };
  }

  private static AcceleratorTrial boot(Path binary, Path scratch) throws InterruptedException {
    Path disk = scratch.resolve("accelerator-trial.img");
    Path output = scratch.resolve("accelerator-trial.log");
    try {
      Files.createDirectories(scratch);
      Files.write(disk, bootDisk());
      Process process =
          new ProcessBuilder(command(binary, disk))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(BOOT_MAX.toSeconds(), TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
        return new AcceleratorTrial(
            Accelerator.TCG, "a trial guest on KVM did not boot in " + BOOT_MAX.toSeconds() + " s");
      }
      if (process.exitValue() == BOOTED) {
        return new AcceleratorTrial(Accelerator.KVM, "a trial guest booted on KVM");
      }
      return new AcceleratorTrial(
          Accelerator.TCG,
          "a trial guest on KVM ended with " + process.exitValue() + ": " + lastLine(output));
    } catch (IOException e) {
      return new AcceleratorTrial(Accelerator.TCG, "the trial of KVM failed: " + e.getMessage());
    }
  }

  static byte[] bootDisk() {
    byte[] disk = new byte[DISK_BYTES];
    System.arraycopy(PROGRAM, 0, disk, 0, PROGRAM.length);
    disk[SECTOR - 2] = 0x55;
    disk[SECTOR - 1] = (byte) 0xaa;
    return disk;
  }

  private static List<String> command(Path binary, Path disk) {
    return List.of(
        binary.toString(),
        "-no-user-config",
        "-nodefaults",
        "-machine",
        "q35,accel=kvm",
        "-cpu",
        "host",
        "-m",
        "64",
        "-display",
        "none",
        "-drive",
        "if=none,id=disk0,format=raw,file=" + disk.toString().replace(",", ",,"),
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
