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
/// @param network null for a host whose network is left alone; machines then cannot be on networks
public record AgentOptions(
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
  /// Where a machine's records and sockets are.
  public static Path machines(Path dataDir) {
    return dataDir.resolve("vms");
  }
}
