package dev.otherix.agent.network;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.schemas.v1.MeshPeer;
import dev.otherix.schemas.v1.Network;
import dev.otherix.schemas.v1.Port;
import dev.otherix.schemas.v1.SecurityRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What the server says of networks, as copies that follow it. A server that is older than this
/// agent lacks some of the kinds; they are empty until it has them. Reading the objects is of one
/// thread at a time.
final class ServerObjects implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ServerObjects.class.getName());

  /// After that, the server is asked whether it has the kind at all.
  private static final Duration DOUBTFUL = Duration.ofSeconds(2);

  private final ApiClient client;
  private final Copy<Network> networks;
  private final Copy<PortPlan> ports;
  private final Copy<MeshPeer> peers;
  private final Copy<SecurityRule> rules;

  /// Those that the first servers had.
  private final List<Copy<?>> always;

  /// Those that came since, by their plural.
  private final Map<String, Copy<?>> since;

  /// Kinds that the server had not when it was asked; nobody waits for them.
  private final Set<String> lacking = ConcurrentHashMap.newKeySet();

  private final Runnable changed;

  /// @param changed called when there is something new
  ServerObjects(ApiClient client, Runnable changed) {
    this.client = client;
    this.changed = changed;
    this.networks = new Copy<>(client, "networks", each -> Records.read(each, Network.class));
    this.ports = new Copy<>(client, "ports", each -> PortPlan.of(Records.read(each, Port.class)));
    this.peers = new Copy<>(client, "meshpeers", each -> Records.read(each, MeshPeer.class));
    this.rules =
        new Copy<>(client, "securityrules", each -> Records.read(each, SecurityRule.class));
    this.always = List.of(networks, ports);
    this.since = Map.of("meshpeers", peers, "securityrules", rules);
  }

  void start() {
    always.forEach(this::follow);
    since.values().forEach(this::follow);
  }

  private void follow(Copy<?> copy) {
    copy.informer().addHandler("host-network", (_, _, _) -> changed.run());
    copy.informer().start();
  }

  /// Whether everything that the server has is known in that time.
  boolean synced(Duration most) throws InterruptedException {
    for (Copy<?> each : always) {
      if (!each.informer().awaitSynced(most)) {
        return false;
      }
    }
    for (Map.Entry<String, Copy<?>> each : since.entrySet()) {
      boolean known =
          lacking.contains(each.getKey())
              || each.getValue().informer().awaitSynced(DOUBTFUL)
              || isLacking(each.getKey());
      if (!known) {
        return false;
      }
    }
    return true;
  }

  /// Only what the server says counts: rules that are merely not read yet are not left out.
  private boolean isLacking(String plural) throws InterruptedException {
    try {
      for (ServedType each : client.discovery().aggregated().types()) {
        GroupVersionResource served = each.resource();
        if (served.group().equals("otherix") && served.resource().equals(plural)) {
          return false;
        }
      }
    } catch (ApiException | ConnectionException e) {
      LOG.log(System.Logger.Level.DEBUG, "it is not known which kinds the server has", e);
      return false;
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "the server is older than this agent, and goes without a kind resource={0}",
        plural);
    lacking.add(plural);
    return true;
  }

  /// @param more a port that the copy may not have yet
  HostPlan.Objects all(@Nullable Port more) {
    List<PortPlan> known = ports.all();
    if (more != null) {
      PortPlan added = PortPlan.of(more);
      known = new ArrayList<>(known);
      known.removeIf(each -> each.tap().equals(added.tap()));
      known.add(added);
    }
    return new HostPlan.Objects(networks.all(), known, peers.all(), rules.all());
  }

  /// The interfaces of a machine.
  ///
  /// @param uid of the machine
  List<PortPlan> of(String uid) {
    return ports.all().stream().filter(each -> each.isOf(uid)).toList();
  }

  @Override
  public void close() {
    networks.informer().close();
    ports.informer().close();
    peers.informer().close();
    rules.informer().close();
  }
}
