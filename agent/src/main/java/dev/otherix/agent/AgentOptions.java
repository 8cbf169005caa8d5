package dev.otherix.agent;

import dev.otherix.agent.hypervisor.Hypervisor;
import dev.otherix.agent.images.ImageLimits;
import dev.otherix.agent.network.NetworkOptions;
import dev.otherix.apimachinery.client.Pause;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What an agent works with.
///
/// @param node under which the cluster knows the host
/// @param dataDir of the agent's own
/// @param architecture of the host, `amd64` or `arm64`
/// @param version of this program
/// @param network null for a host whose network is left alone; machines then cannot be on networks,
///   unless those are simulated
/// @param simulatedNetworks whether networks are simulated, as machines are
public record AgentOptions(
    String node,
    Path dataDir,
    String architecture,
    String version,
    Hypervisor hypervisor,
    @Nullable NetworkOptions network,
    boolean simulatedNetworks,
    ImageLimits images,
    InstantSource clock,
    RandomGenerator random,
    Pause pause) {
  /// With the host's own networks, or none.
  public AgentOptions(
      String node,
      Path dataDir,
      String architecture,
      String version,
      Hypervisor hypervisor,
      @Nullable NetworkOptions network,
      ImageLimits images,
      InstantSource clock,
      RandomGenerator random,
      Pause pause) {
    this(
        node,
        dataDir,
        architecture,
        version,
        hypervisor,
        network,
        false,
        images,
        clock,
        random,
        pause);
  }

  /// The same with networks that are simulated.
  public AgentOptions withSimulatedNetworks() {
    return new AgentOptions(
        node, dataDir, architecture, version, hypervisor, null, true, images, clock, random, pause);
  }

  /// Where a machine's records and sockets are.
  public static Path machines(Path dataDir) {
    return dataDir.resolve("vms");
  }
}
