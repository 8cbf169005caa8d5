package dev.otherix.controllers.scheduler;

import dev.otherix.schemas.v1.VM;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What a machine needs of the node that it is placed on.
///
/// @param arch empty when any will do
/// @param pool the pool that holds its disk, resolved: never empty
/// @param networks those that must be ready on the node
/// @param nodeHint the one node that it must run on; empty when any will do
/// @param sourceNode the one node that has the snapshot of which its disk is made; empty for none
/// @param features that the node must have, such as `tpm`
/// @param labels what other machines' wishes find it by
public record PlacementRequest(
    String name,
    String arch,
    int vcpus,
    long memoryMiB,
    long diskBytes,
    String pool,
    List<String> networks,
    String nodeHint,
    String sourceNode,
    Set<String> features,
    Map<String, String> labels,
    Map<String, String> nodeSelector,
    List<VM.Affinity> affinity,
    List<VM.Affinity> antiAffinity,
    List<VM.Spread> spread,
    List<VM.Toleration> tolerations) {
  /// As the node tells it among its firmwares.
  static final String SECURE_BOOT = "uefi-secure-boot";

  static final String TPM = "tpm";

  private static final long GIB = 1L << 30;

  /// @param pool the machine's, or the default
  static PlacementRequest of(VM vm, String pool, List<String> networks, String sourceNode) {
    VM.Spec spec = vm.spec();
    return new PlacementRequest(
        vm.metadata().name(),
        spec.arch() == null ? "" : Words.of(spec.arch()),
        spec.vcpus(),
        spec.memoryMB(),
        diskBytes(vm),
        pool,
        networks,
        spec.node() == null ? "" : spec.node(),
        sourceNode,
        features(spec),
        spec.labels(),
        spec.nodeSelector(),
        spec.affinity(),
        spec.antiAffinity(),
        spec.spread(),
        spec.tolerations());
  }

  private static Set<String> features(VM.Spec spec) {
    Set<String> features = new TreeSet<>();
    if (spec.secureBoot()) {
      features.add(SECURE_BOOT);
    }
    if (spec.tpm()) {
      features.add(TPM);
    }
    return features;
  }

  /// Of the boot disk what the spec asks for, else what it is known to have, 0 when nobody knows
  /// yet; and the other disks.
  static long diskBytes(VM vm) {
    long bytes = bootDiskBytes(vm);
    for (VM.DataDisk each : vm.spec().disks()) {
      bytes += each.sizeGiB() * GIB;
    }
    return bytes;
  }

  private static long bootDiskBytes(VM vm) {
    Integer asked = vm.spec().diskGiB();
    if (asked != null && asked > 0) {
      return asked * GIB;
    }
    VM.Status status = vm.status();
    Long known = status == null ? null : status.diskSizeBytes();
    return known == null ? 0 : known;
  }
}
