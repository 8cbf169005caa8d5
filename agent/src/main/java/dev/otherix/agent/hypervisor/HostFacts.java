package dev.otherix.agent.hypervisor;

import java.util.List;

/// What a hypervisor found on its host.
///
/// @param version of the hypervisor
/// @param hardware whether machines run on the processor itself
/// @param why hardware virtualisation is or is not used, for people
/// @param firmwares that machines can boot with, as [MachinePlan.Firmware#word] names them
/// @param tpm whether machines can have one
/// @param machineType what new machines are given and keep
public record HostFacts(
    String version,
    boolean hardware,
    String why,
    List<String> firmwares,
    boolean tpm,
    String machineType,
    Confinement confinement) {
  public HostFacts {
    firmwares = List.copyOf(firmwares);
  }
}
