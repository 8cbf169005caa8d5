package dev.otherix.agent.qemu;

import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What [QemuCommand] needs to know of the host.
///
/// @param uefi null when the host has none
/// @param secureUefi which starts only what is signed; null when the host has none
/// @param tpm the program that is a TPM; null when the host has none
/// @param promisesMemory whether the kernel gives out memory that it may not have, so that nothing
///   is set aside for what a guest could be given
record QemuHost(
    GuestArch arch,
    Path binary,
    String version,
    Accelerator accelerator,
    String accelerationReason,
    @Nullable Uefi uefi,
    @Nullable Uefi secureUefi,
    @Nullable Path tpm,
    boolean promisesMemory) {
  /// A firmware.
  ///
  /// @param code that machines share
  /// @param variables what a machine's own variables begin as
  record Uefi(Path code, Path variables) {}

  /// Null when the host has none, or needs none.
  @Nullable Uefi uefi(Firmware firmware) {
    return switch (firmware) {
      case BIOS -> null;
      case UEFI -> uefi;
      case UEFI_SECURE -> secureUefi;
    };
  }
}
