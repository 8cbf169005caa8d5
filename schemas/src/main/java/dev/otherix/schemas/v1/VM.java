package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import dev.otherix.apimachinery.object.Time;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A long-lived virtual machine: what it should be, and what it is. The schema is
/// `otherix/v1/vm.json`; a test holds the two together.
public record VM(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// What the machine should be.
  public record Spec(
      @Nullable String description,
      PowerState powerState,
      RunPolicy runPolicy,
      Recovery recovery,
      @Nullable String imageURL,
      @Nullable String sourceSnapshotID,
      @Nullable String imageSHA256,
      ImagePullPolicy imagePullPolicy,
      @Nullable Arch arch,
      @Nullable Firmware firmware,
      @Nullable String firmwareID,
      boolean secureBoot,
      boolean tpm,
      @Nullable Format format,
      @Nullable Integer diskGiB,
      List<DataDisk> disks,
      int vcpus,
      int memoryMB,
      @Nullable String pool,
      @Nullable String network,
      List<Interface> nics,
      @Nullable String node,
      @Nullable String nodeName,
      @Nullable Integer incarnation,
      Map<String, String> nodeSelector,
      List<Affinity> affinity,
      List<Affinity> antiAffinity,
      List<Spread> spread,
      List<Toleration> tolerations,
      @Nullable String userData,
      @Nullable String networkConfig,
      boolean cloudInitDisabled,
      boolean sshIngressEnabled,
      Map<String, String> labels) {
    public Spec {
      disks = disks == null ? List.of() : List.copyOf(disks);
      nics = nics == null ? List.of() : List.copyOf(nics);
      nodeSelector = nodeSelector == null ? Map.of() : Map.copyOf(nodeSelector);
      affinity = affinity == null ? List.of() : List.copyOf(affinity);
      antiAffinity = antiAffinity == null ? List.of() : List.copyOf(antiAffinity);
      spread = spread == null ? List.of() : List.copyOf(spread);
      tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
      labels = labels == null ? Map.of() : Map.copyOf(labels);
    }
  }

  /// What the machine is. Written by the scheduler, the controllers and the agent, each its own
  /// fields.
  public record Status(
      @Nullable Long observedGeneration,
      @Nullable Phase phase,
      @Nullable String reason,
      @Nullable String message,
      List<Condition> conditions,
      @Nullable String node,
      @Nullable String pool,
      @Nullable String imageSHA256,
      @Nullable Long diskSizeBytes,
      List<DiskStatus> disks,
      @Nullable Long memoryUsedMiB,
      @Nullable Integer fencedAfterSeconds,
      @Nullable Long claims,
      @Nullable Time lastStartedAt,
      List<Nic> nics) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
      disks = disks == null ? List.of() : List.copyOf(disks);
      nics = nics == null ? List.of() : List.copyOf(nics);
    }
  }

  /// Whether the machine should run. A stopped machine keeps its disk, its addresses and its place.
  public enum PowerState {
    @JsonProperty("Running")
    RUNNING,
    @JsonProperty("Stopped")
    STOPPED,
    @JsonProperty("Paused")
    PAUSED
  }

  /// What happens when the machine ends by itself while it should run.
  public enum RunPolicy {
    @JsonProperty("Always")
    ALWAYS,
    @JsonProperty("OnFailure")
    ON_FAILURE,
    @JsonProperty("Manual")
    MANUAL
  }

  /// What happens when the machine's node is gone.
  public enum Recovery {
    @JsonProperty("Never")
    NEVER,
    @JsonProperty("Recreate")
    RECREATE
  }

  /// A disk besides the boot disk that is asked for.
  public record DataDisk(String name, int sizeGiB, WhenRemoved whenRemoved) {}

  /// What becomes of a disk's data when it is taken out of the spec.
  public enum WhenRemoved {
    @JsonProperty("Keep")
    KEEP,
    @JsonProperty("Delete")
    DELETE
  }

  /// A disk besides the boot disk.
  public record DiskStatus(String name, long sizeBytes, DiskState state) {}

  /// Where a disk is.
  public enum DiskState {
    @JsonProperty("Attached")
    ATTACHED,
    @JsonProperty("Waiting")
    WAITING,
    @JsonProperty("Kept")
    KEPT
  }

  /// An interface that is asked for.
  public record Interface(
      String network, @Nullable String macAddress, @Nullable String ipv4Address) {}

  /// Machines to be placed with, or apart from.
  public record Affinity(
      Map<String, String> matchLabels, @Nullable String topologyKey, boolean required) {
    public Affinity {
      matchLabels = matchLabels == null ? Map.of() : Map.copyOf(matchLabels);
    }
  }

  /// Machines to be spread evenly over places.
  public record Spread(
      Map<String, String> matchLabels,
      @Nullable String topologyKey,
      int maxSkew,
      boolean required) {
    public Spread {
      matchLabels = matchLabels == null ? Map.of() : Map.copyOf(matchLabels);
    }
  }

  /// One or several taints of nodes that do not keep the machine away.
  public record Toleration(String key, @Nullable String value, @Nullable TaintEffect effect) {}

  /// What a taint does.
  public enum TaintEffect {
    @JsonProperty("NoSchedule")
    NO_SCHEDULE,
    @JsonProperty("PreferNoSchedule")
    PREFER_NO_SCHEDULE
  }

  /// Whether an image that the pool already holds is used without asking its source.
  public enum ImagePullPolicy {
    @JsonProperty("if_not_present")
    IF_NOT_PRESENT,
    @JsonProperty("always")
    ALWAYS
  }

  /// The processor architecture; the node must have the same. Required with imageURL.
  public enum Arch {
    @JsonProperty("amd64")
    AMD64,
    @JsonProperty("arm64")
    ARM64
  }

  /// How the machine boots. When neither firmware nor firmwareID is given: uefi.
  public enum Firmware {
    @JsonProperty("bios")
    BIOS,
    @JsonProperty("uefi")
    UEFI
  }

  /// The format of the boot disk. When it is not given: qcow2.
  public enum Format {
    @JsonProperty("qcow2")
    QCOW2,
    @JsonProperty("raw")
    RAW
  }

  /// One word for the state, derived from the conditions.
  public enum Phase {
    @JsonProperty("pending")
    PENDING,
    @JsonProperty("creating")
    CREATING,
    @JsonProperty("running")
    RUNNING,
    @JsonProperty("migrating")
    MIGRATING,
    @JsonProperty("paused")
    PAUSED,
    @JsonProperty("stopped")
    STOPPED,
    @JsonProperty("deleting")
    DELETING,
    @JsonProperty("error")
    ERROR,
    @JsonProperty("gone")
    GONE,
    @JsonProperty("orphaned")
    ORPHANED
  }

  /// One interface.
  public record Nic(
      String network,
      String macAddress,
      @Nullable String ipv4Address,
      @Nullable String ipv6Address) {}
}
