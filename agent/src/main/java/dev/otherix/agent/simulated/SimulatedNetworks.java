package dev.otherix.agent.simulated;

import dev.otherix.agent.hypervisor.MachinePlan.Attachment;
import dev.otherix.agent.machines.NicAttachment;
import dev.otherix.agent.machines.ServerView;
import dev.otherix.agent.network.NetworkState;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.schemas.v1.Port;
import java.util.List;

/// The networks of a host whose machines are simulated: each is there as soon as the server has it,
/// and nothing of the host is touched. Thread-safe.
public final class SimulatedNetworks implements NicAttachment, AutoCloseable {
  private final Informer networks;

  private SimulatedNetworks(Informer networks) {
    this.networks = networks;
  }

  /// @param changed called when there are others
  public static SimulatedNetworks start(ApiClient client, Runnable changed) {
    Informer networks =
        new Informer(client.resource(ServerView.resource("networks")), InformerOptions.ALL);
    networks.addHandler("simulated-networks", (_, _, _) -> changed.run());
    networks.start();
    return new SimulatedNetworks(networks);
  }

  public List<NetworkState> states() {
    return networks.all().stream()
        .map(each -> new NetworkState(ResourceClient.keyOf(each).name(), ""))
        .toList();
  }

  /// A machine that is in memory only has no wire.
  @Override
  public Attachment attach(Port port) {
    return new Attachment.UserMode();
  }

  @Override
  public void close() {
    networks.close();
  }
}
