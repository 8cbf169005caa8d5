package dev.otherix.agent.hypervisor;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that a hypervisor needs to know to start a machine.
///
/// @param machineType versioned, and the same for the machine's whole life
/// @param variables where UEFI keeps its settings; null for BIOS
/// @param tpm the folder of its TPM's state; null when it has none
/// @param disks the boot disk, and others that the machine has for its whole run
/// @param dataDisks those that may come and go while it runs
/// @param seed the cloud-init volume; null for none
public record MachinePlan(
    Place place,
    String name,
    String machineType,
    Firmware firmware,
    @Nullable Path variables,
    @Nullable Path tpm,
    int vcpus,
    int memoryMiB,
    List<Disk> disks,
    List<DataDisk> dataDisks,
    @Nullable Path seed,
    List<Nic> nics) {
  public MachinePlan {
    disks = List.copyOf(disks);
    dataDisks = List.copyOf(dataDisks);
    nics = List.copyOf(nics);
  }

  public String uid() {
    return place.uid();
  }

  /// @param folder of the machine's own, for sockets and small files
  public record Place(String uid, Path folder) {
    /// Where the machine's process may make files: all else in the folder is the agent's.
    public Path sockets() {
      return folder.resolve("run");
    }

    public Path console() {
      return sockets().resolve("serial.sock");
    }

    /// Everything that the machine wrote to its serial console, the newest at the end.
    public Path consoleLog() {
      return folder.resolve("serial.log");
    }

    public Path display() {
      return sockets().resolve("vnc.sock");
    }

    /// Where the process listens that is the machine's TPM.
    public Path tpm() {
      return sockets().resolve("tpm.sock");
    }

    public Path guestAgent() {
      return sockets().resolve("guest.sock");
    }
  }

  /// How a machine boots.
  public enum Firmware {
    BIOS("bios"),
    UEFI("uefi"),

    /// Starts only what is signed.
    UEFI_SECURE("uefi-secure-boot");

    private final String word;

    Firmware(String word) {
      this.word = word;
    }

    /// As nodes tell it.
    public String word() {
      return word;
    }
  }

  /// @param direct whether the host's page cache is left out
  public record Disk(Path file, Format format, boolean direct) {}

  /// @param name which the guest sees as its serial number
  public record DataDisk(String name, Disk disk) {}

  /// How a disk's bytes are laid out.
  public enum Format {
    QCOW2("qcow2"),
    RAW("raw");

    private final String word;

    Format(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /// @param mac in lower case with colons
  public record Nic(int order, String mac, Attachment attachment) {}

  /// How an interface reaches the world.
  public sealed interface Attachment {
    /// Addresses and masquerading by the hypervisor itself; nothing of the host is touched.
    record UserMode() implements Attachment {}

    /// @param device a tap device that is there and belongs to a bridge
    /// @param mtu that the guest is told
    record Tap(String device, int mtu) implements Attachment {}
  }
}
