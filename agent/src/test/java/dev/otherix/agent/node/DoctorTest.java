package dev.otherix.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.agent.hypervisor.Confinement;
import dev.otherix.agent.hypervisor.HostFacts;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DoctorTest {
  @TempDir private Path temp;

  private Doctor.Finding finding(String subject, List<String> firmwares, boolean tpm) {
    HostFacts facts =
        new HostFacts(
            "7.2",
            false,
            "",
            firmwares,
            tpm,
            "pc-q35-7.2",
            new Confinement(null, false, List.of()));
    return Doctor.examine(facts, "", temp).stream()
        .filter(each -> each.subject().equals(subject))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void examine_hostWithAll_isGood() {
    List<String> all = List.of("bios", "uefi", "uefi-secure-boot");
    for (String each : List.of("firmware", "Secure Boot", "TPM")) {
      assertEquals(Doctor.Grade.GOOD, finding(each, all, true).grade(), each);
    }
  }

  @Test
  void examine_vlans_areSaidToBeThereOrWhatTheyNeed() {
    Doctor.Finding vlans = finding("VLANs", List.of(), false);
    boolean there = vlans.grade() == Doctor.Grade.GOOD;
    assertEquals(there, vlans.remedy().isEmpty());
    assertEquals(there, !vlans.remedy().contains("CONFIG_BRIDGE_VLAN_FILTERING"));
  }

  @Test
  void examine_hostWithout_namesThePackage() {
    Doctor.Finding secureBoot = finding("Secure Boot", List.of("bios", "uefi"), false);
    assertEquals(Doctor.Grade.LIMITED, secureBoot.grade());
    assertEquals("apt-get install ovmf (amd64) or qemu-efi-aarch64 (arm64)", secureBoot.remedy());
    Doctor.Finding tpm = finding("TPM", List.of("bios"), false);
    assertEquals(Doctor.Grade.LIMITED, tpm.grade());
    assertEquals("apt-get install swtpm", tpm.remedy());
  }
}
