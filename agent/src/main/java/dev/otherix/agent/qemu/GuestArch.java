package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.HypervisorException;

/// The processor architectures that machines may have: that of the host.
enum GuestArch {
  AMD64("qemu-system-x86_64", "pc-q35-"),
  ARM64("qemu-system-aarch64", "virt-");

  private final String binary;
  private final String machinePrefix;

  GuestArch(String binary, String machinePrefix) {
    this.binary = binary;
    this.machinePrefix = machinePrefix;
  }

  String binary() {
    return binary;
  }

  /// @param version of QEMU, such as 7.2.22
  String machineType(String version) {
    String[] parts = version.split("\\.", 3);
    if (parts.length < 2) {
      throw new HypervisorException("QEMU says that its version is \"" + version + "\"");
    }
    return machinePrefix + parts[0] + "." + parts[1];
  }

  /// @param osArch as Java names it
  static GuestArch ofHost(String osArch) {
    return switch (osArch) {
      case "amd64", "x86_64" -> AMD64;
      case "aarch64", "arm64" -> ARM64;
      default ->
          throw new HypervisorException(
              "machines cannot run on a host of architecture " + osArch + "; use amd64 or arm64");
    };
  }
}
