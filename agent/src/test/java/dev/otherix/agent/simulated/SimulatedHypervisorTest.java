package dev.otherix.agent.simulated;

import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.hypervisor.HypervisorContract;
import dev.otherix.agent.hypervisor.MachinePlan;
import java.nio.file.Path;

final class SimulatedHypervisorTest extends HypervisorContract {
  @Override
  protected Hypervisor open(Path folder) {
    return new SimulatedHypervisor();
  }

  @Override
  protected Path disk(Path folder) {
    return folder.resolve("disk.qcow2");
  }

  @Override
  protected void awaitBooted(MachinePlan.Place place) {
    // Its guests need no time.
  }
}
