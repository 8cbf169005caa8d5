package dev.otherix.agent.simulated;

import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.hypervisor.HypervisorContract;
import dev.otherix.agent.hypervisor.MachinePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

final class SimulatedHypervisorTest extends HypervisorContract {
  @Override
  protected Hypervisor open(Path folder) {
    return new SimulatedHypervisor();
  }

  @Override
  protected Path disk(Path folder) throws IOException {
    return Files.write(folder.resolve("disk.qcow2"), new byte[4096]);
  }

  @Override
  protected long bytes(Path disk) {
    return 4096;
  }

  @Override
  protected void awaitBooted(MachinePlan.Place place) {
    // Its guests need no time.
  }
}
