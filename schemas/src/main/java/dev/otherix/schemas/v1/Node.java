package dev.otherix.schemas.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.otherix.apimachinery.object.Condition;
import dev.otherix.apimachinery.object.ObjectMeta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A host that runs machines. Its agent makes it by joining. The schema is `otherix/v1/node.json`;
/// a test holds the two together.
public record Node(ObjectMeta metadata, Spec spec, @Nullable Status status) {
  /// What the node is asked to be.
  public record Spec(
      Arch arch,
      List<Role> roles,
      @Nullable String advertisedEndpoint,
      @Nullable Migration migration,
      boolean cordoned,
      boolean draining,
      List<Taint> taints) {
    public Spec {
      roles = roles == null ? List.of() : List.copyOf(roles);
      taints = taints == null ? List.of() : List.copyOf(taints);
    }
  }

  /// What the node is. The agent alone writes it, except phase and conditions.
  public record Status(
      @Nullable Long observedGeneration,
      List<Condition> conditions,
      @Nullable Phase phase,
      @Nullable String agentVersion,
      @Nullable String kernelVersion,
      @Nullable String qemuVersion,
      @Nullable String bootID,
      @Nullable Capacity capacity,
      @Nullable Available available,
      @Nullable Capabilities capabilities,
      @Nullable Wireguard wireguard,
      List<Pool> pools,
      List<NetworkState> networks,
      List<Image> images,
      List<Machine> machines) {
    public Status {
      conditions = conditions == null ? List.of() : List.copyOf(conditions);
      pools = pools == null ? List.of() : List.copyOf(pools);
      networks = networks == null ? List.of() : List.copyOf(networks);
      images = images == null ? List.of() : List.copyOf(images);
      machines = machines == null ? List.of() : List.copyOf(machines);
    }
  }

  /// The host's processor architecture.
  public enum Arch {
    @JsonProperty("amd64")
    AMD64,
    @JsonProperty("arm64")
    ARM64
  }

  /// A role.
  public enum Role {
    @JsonProperty("hypervisor")
    HYPERVISOR,
    @JsonProperty("gateway")
    GATEWAY
  }

  /// What keeps machines away that do not tolerate it.
  public record Taint(String key, @Nullable String value, VM.TaintEffect effect) {}

  /// A machine that the agent knows on the host.
  public record Machine(String uid, String name, MachineState state) {}

  /// What a machine on the host is doing.
  public enum MachineState {
    @JsonProperty("running")
    RUNNING,
    @JsonProperty("paused")
    PAUSED,
    @JsonProperty("stopped")
    STOPPED,
    @JsonProperty("unknown")
    UNKNOWN
  }

  /// Where other nodes send a machine that moves here.
  public record Migration(String host, int portRangeStart, int portRangeEnd) {}

  /// One word for the state.
  public enum Phase {
    @JsonProperty("pending")
    PENDING,
    @JsonProperty("ready")
    READY,
    @JsonProperty("unreachable")
    UNREACHABLE,
    @JsonProperty("gone")
    GONE
  }

  /// What the host has.
  public record Capacity(
      @Nullable Integer cpuCores,
      @Nullable String cpuModel,
      @Nullable Long memoryMiB,
      @Nullable Long systemDiskBytes,
      @Nullable Long hugepages2Mi,
      @Nullable Long hugepages1Gi) {}

  /// What is free, as the agent measured it.
  public record Available(
      @Nullable Integer cpuCores, @Nullable Long memoryMiB, @Nullable Long systemDiskBytes) {}

  /// What the host can do.
  public record Capabilities(
      @Nullable Boolean kvm,
      @Nullable Boolean nestedVirtualization,
      @Nullable Boolean tpm,
      @Nullable Boolean vlan,
      List<String> firmwares,
      @Nullable Confinement confinement) {
    public Capabilities {
      firmwares = firmwares == null ? List.of() : List.copyOf(firmwares);
    }
  }

  /// What keeps a machine's process from harming its host.
  public record Confinement(@Nullable String user, @Nullable Boolean limits, List<String> lacks) {
    public Confinement {
      lacks = lacks == null ? List.of() : List.copyOf(lacks);
    }
  }

  /// The node's end of the overlay mesh.
  public record Wireguard(@Nullable String publicKey, @Nullable String endpoint) {}

  /// A pool.
  public record Pool(
      String name,
      @Nullable Long capacityBytes,
      @Nullable Long availableBytes,
      @Nullable String error) {}

  /// A network.
  public record NetworkState(String name, boolean ready, @Nullable String error) {}

  /// An image.
  public record Image(String sha256, long sizeBytes, @Nullable Format format) {}

  /// Its format.
  public enum Format {
    @JsonProperty("qcow2")
    QCOW2,
    @JsonProperty("raw")
    RAW
  }
}
