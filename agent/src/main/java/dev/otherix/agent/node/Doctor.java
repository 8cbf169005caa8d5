package dev.otherix.agent.node;

import dev.otherix.agent.hypervisor.Confinement;
import dev.otherix.agent.hypervisor.HostFacts;
import dev.otherix.agent.hypervisor.MachinePlan.Firmware;
import dev.otherix.agent.network.VlanSupport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Looks for what a host needs to run machines, and says what to do about what it lacks.
public final class Doctor {
  private Doctor() {}

  /// @param grade of what was found
  /// @param remedy empty when there is nothing to do
  public record Finding(String subject, Grade grade, String detail, String remedy) {}

  /// How much a finding matters.
  public enum Grade {
    GOOD,
    /// Machines run, and something is slower or missing.
    LIMITED,
    /// Machines cannot run.
    BAD
  }

  /// @param searchPath folders of programs, with colons between them
  public static List<Finding> examine(HostFacts facts, String searchPath, Path dataDir) {
    List<Finding> findings = new ArrayList<>();
    findings.add(new Finding("hypervisor", Grade.GOOD, "QEMU " + facts.version(), ""));
    findings.add(
        facts.hardware()
            ? new Finding("acceleration", Grade.GOOD, facts.why(), "")
            : new Finding(
                "acceleration",
                Grade.LIMITED,
                facts.why(),
                "machines are emulated, which is slow; give the host working KVM"));
    findings.add(
        facts.firmwares().contains("uefi")
            ? new Finding("firmware", Grade.GOOD, String.join(", ", facts.firmwares()), "")
            : new Finding(
                "firmware",
                Grade.LIMITED,
                "no UEFI firmware was found",
                "apt-get install ovmf (amd64) or qemu-efi-aarch64 (arm64)"));
    findings.add(
        facts.firmwares().contains(Firmware.UEFI_SECURE.word())
            ? new Finding("Secure Boot", Grade.GOOD, "machines can have it", "")
            : new Finding(
                "Secure Boot",
                Grade.LIMITED,
                "no firmware with Secure Boot was found",
                "apt-get install ovmf (amd64) or qemu-efi-aarch64 (arm64)"));
    findings.add(
        facts.tpm()
            ? new Finding("TPM", Grade.GOOD, "machines can have one", "")
            : new Finding("TPM", Grade.LIMITED, "swtpm is not installed", "apt-get install swtpm"));
    findings.addAll(confinement(facts.confinement()));
    findings.add(program("qemu-img", "qemu-utils", Grade.BAD, searchPath));
    findings.add(program("setsid", "util-linux", Grade.BAD, searchPath));
    findings.add(program("prlimit", "util-linux", Grade.BAD, searchPath));
    // Without these, machines run and cannot be on networks.
    findings.add(program("ip", "iproute2", Grade.LIMITED, searchPath));
    findings.add(program("nft", "nftables", Grade.LIMITED, searchPath));
    findings.add(program("wg", "wireguard-tools", Grade.LIMITED, searchPath));
    findings.add(
        VlanSupport.onThisHost(searchPath)
            ? new Finding("VLANs", Grade.GOOD, "bridges keep them apart", "")
            : new Finding(
                "VLANs",
                Grade.LIMITED,
                "the kernel's bridges do not keep them apart, or this is not root",
                "networks with spec.vlan need root and CONFIG_BRIDGE_VLAN_FILTERING"));
    findings.add(
        Files.isWritable(dataDir)
            ? new Finding("data folder", Grade.GOOD, dataDir + " can be written", "")
            : new Finding(
                "data folder",
                Grade.BAD,
                dataDir + " cannot be written",
                "create it for the agent's user, or give another with --data-dir"));
    return findings;
  }

  private static List<Finding> confinement(Confinement has) {
    List<Finding> findings = new ArrayList<>();
    for (String each : has.lacks()) {
      int end = each.indexOf("; ");
      findings.add(
          new Finding(
              "confinement",
              Grade.LIMITED,
              end < 0 ? each : each.substring(0, end),
              end < 0 ? "" : each.substring(end + 2)));
    }
    if (has.user() != null) {
      findings.add(
          new Finding("confinement", Grade.GOOD, "machines run as user " + has.user(), ""));
    }
    if (has.limits()) {
      findings.add(
          new Finding(
              "confinement", Grade.GOOD, "machines have limits of memory, processor, threads", ""));
    }
    return findings;
  }

  private static Finding program(String name, String inPackage, Grade missing, String searchPath) {
    for (String folder : (searchPath + ":/usr/sbin:/sbin").split(":")) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, name))) {
        return new Finding(name, Grade.GOOD, folder + "/" + name, "");
      }
    }
    return new Finding(name, missing, name + " is not installed", "apt-get install " + inPackage);
  }
}
