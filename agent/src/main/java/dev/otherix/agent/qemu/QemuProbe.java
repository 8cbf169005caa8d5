package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.HypervisorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Looks at what the host has.
final class QemuProbe {
  private static final Pattern VERSION = Pattern.compile("version ([0-9]+\\.[0-9]+(?:\\.[0-9]+)?)");
  private static final String NEVER = "2";
  private static final int SECONDS_MAX = 10;

  /// Code and the variables that go with it, best first.
  private static final List<List<String>> AMD64_FIRMWARE =
      List.of(
          List.of("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
          List.of("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
          List.of("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"));

  /// With the keys that most systems' first programs are signed with.
  private static final List<List<String>> AMD64_SECURE_FIRMWARE =
      List.of(
          List.of("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"),
          List.of("/usr/share/OVMF/OVMF_CODE.secboot.fd", "/usr/share/OVMF/OVMF_VARS.ms.fd"));

  private static final List<List<String>> ARM64_SECURE_FIRMWARE =
      List.of(
          List.of("/usr/share/AAVMF/AAVMF_CODE.secboot.fd", "/usr/share/AAVMF/AAVMF_VARS.ms.fd"),
          List.of("/usr/share/AAVMF/AAVMF_CODE.ms.fd", "/usr/share/AAVMF/AAVMF_VARS.ms.fd"));

  private static final List<List<String>> ARM64_FIRMWARE =
      List.of(
          List.of("/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
          List.of("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"));

  private QemuProbe() {}

  /// @param searchPath folders with colons between them
  /// @param scratch a folder for small files
  /// @throws HypervisorException when there is no QEMU for the host's architecture
  static QemuHost host(String osArch, String searchPath, Path scratch) throws InterruptedException {
    GuestArch arch = GuestArch.ofHost(osArch);
    Path binary = find(arch.binary(), searchPath);
    if (binary == null) {
      throw new HypervisorException(
          arch.binary()
              + " is not installed; on Debian: apt-get install "
              + (arch == GuestArch.AMD64 ? "qemu-system-x86" : "qemu-system-arm"));
    }
    AcceleratorTrial trial =
        AcceleratorTrial.run(
            arch, binary, Path.of("/dev/kvm"), Path.of("/proc/sys/kernel/random/boot_id"), scratch);
    return new QemuHost(
        arch,
        binary,
        version(binary),
        trial.accelerator(),
        trial.why(),
        first(arch == GuestArch.AMD64 ? AMD64_FIRMWARE : ARM64_FIRMWARE),
        first(arch == GuestArch.AMD64 ? AMD64_SECURE_FIRMWARE : ARM64_SECURE_FIRMWARE),
        find("swtpm", searchPath),
        promisesMemory(Path.of("/proc/sys/vm/overcommit_memory")));
  }

  /// The first that is there.
  private static QemuHost.@Nullable Uefi first(List<List<String>> known) {
    for (List<String> pair : known) {
      if (pair.stream().allMatch(each -> Files.isReadable(Path.of(each)))) {
        return new QemuHost.Uefi(Path.of(pair.get(0)), Path.of(pair.get(1)));
      }
    }
    return null;
  }

  private static boolean promisesMemory(Path setting) {
    try {
      return !Files.readString(setting).strip().equals(NEVER);
    } catch (IOException _) {
      // A kernel without the setting does.
      return true;
    }
  }

  private static @Nullable Path find(String program, String searchPath) {
    for (String folder : searchPath.split(":")) {
      Path candidate = Path.of(folder, program);
      if (!folder.isEmpty() && Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private static String version(Path binary) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(binary.toString(), "--version").redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new HypervisorException(binary + " --version did not end");
      }
      return readVersion(text);
    } catch (IOException e) {
      throw new HypervisorException(binary + " cannot be run: " + e.getMessage(), e);
    }
  }

  static String readVersion(String text) {
    Matcher version = VERSION.matcher(text);
    if (!version.find()) {
      throw new HypervisorException("QEMU tells no version, but: " + text.lines().findFirst());
    }
    return version.group(1);
  }
}
