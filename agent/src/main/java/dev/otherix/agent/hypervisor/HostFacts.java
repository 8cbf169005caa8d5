package dev.otherix.agent.hypervisor;

import java.util.List;

/// What a hypervisor found on its host.
///
/// @param version of the hypervisor
/// @param hardware whether machines run on the processor itself
/// @param why hardware virtualisation is or is not used, for people
/// @param firmwares files that machines can boot with
/// @param machineType what new machines are given and keep
public record HostFacts(
    String version,
    boolean hardware,
    String why,
    List<String> firmwares,
    String machineType,
    Confinement confinement) {
  public HostFacts {
    firmwares = List.copyOf(firmwares);
  }
}
