package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.MachinePlan;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;

/// How much a machine can be given while it runs.
///
/// @param memoryMoreMiB besides what it starts with
record Headroom(int vcpusMax, int memoryMoreMiB) {
  /// In what steps memory comes and goes.
  static final int STEP_MIB = 2;

  private static final int VCPUS_AT_LEAST = 8;
  private static final int VCPUS_MAX = 128;
  private static final int MEMORY_AT_LEAST_MIB = 4096;
  private static final int MEMORY_MAX_MIB = 512 * 1024;

  /// What QEMU does for arm64 differs; there is none there. A firmware for Secure Boot has to take
  /// part when a processor comes, and guests were seen to hang in it.
  static Headroom of(MachinePlan plan, QemuHost host) {
    int vcpus = plan.vcpus();
    if (host.arch() != GuestArch.AMD64) {
      return new Headroom(vcpus, 0);
    }
    int most = Math.clamp(vcpus * 2L, Math.max(vcpus, VCPUS_AT_LEAST), VCPUS_MAX);
    int memory = plan.memoryMiB();
    int more = Math.min(Math.max(memory, MEMORY_AT_LEAST_MIB), MEMORY_MAX_MIB - memory);
    return new Headroom(
        plan.firmware() == Firmware.UEFI_SECURE ? vcpus : most,
        host.promisesMemory() ? Math.max(0, more / STEP_MIB * STEP_MIB) : 0);
  }
}
