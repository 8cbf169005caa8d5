package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.schemas.v1.VM;
import java.util.Locale;

/// What this agent cannot give a machine, and says so rather than leave it out.
final class Unsupported {
  private Unsupported() {}

  /// @param arch of the host
  /// @throws HypervisorException that names the field and the remedy
  static void check(VM vm, String arch) {
    VM.Spec spec = vm.spec();
    VM.Arch asked = spec.arch();
    if (asked != null && !asked.name().toLowerCase(Locale.ROOT).equals(arch)) {
      throw refused("arch", "is of another architecture than this node, which is " + arch);
    }
    if (spec.firmwareID() != null) {
      throw refused("firmwareID", "cannot be used by this agent; give firmware: uefi or bios");
    }
    if (spec.sshIngressEnabled()) {
      throw refused("sshIngressEnabled", "cannot be provisioned by this agent; set it to false");
    }
  }

  private static HypervisorException refused(String field, String why) {
    return new HypervisorException("spec." + field + " " + why);
  }
}
