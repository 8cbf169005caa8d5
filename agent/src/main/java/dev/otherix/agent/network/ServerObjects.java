package dev.otherix.agent.network;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.schemas.v1.MeshPeer;
import dev.otherix.schemas.v1.Network;
import dev.otherix.schemas.v1.Port;
import dev.otherix.schemas.v1.SecurityRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What the server says of networks, as copies that follow it. A server that is older than this
/// agent lacks some of the kinds; these are followed as soon as it has them, and are empty before.
/// Reading the objects is of one thread at a time.
final class ServerObjects implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ServerObjects.class.getName());

  private final ApiClient client;
  private final Copy<Network> networks;
  private final Copy<Port> ports;
  private final Copy<MeshPeer> peers;
  private final Copy<SecurityRule> rules;

  /// Those that the first servers had.
  private final List<Copy<?>> always;

  private final Map<String, Copy<?>> since;
  private final Set<Copy<?>> followed = ConcurrentHashMap.newKeySet();
  private final Runnable changed;

  /// Whether it is known which kinds the server has.
  private volatile boolean asked;

  /// @param changed called when there is something new
  ServerObjects(ApiClient client, Runnable changed) {
    this.client = client;
    this.changed = changed;
    this.networks = new Copy<>(client, "networks", Network.class);
    this.ports = new Copy<>(client, "ports", Port.class);
    this.peers = new Copy<>(client, "meshpeers", MeshPeer.class);
    this.rules = new Copy<>(client, "securityrules", SecurityRule.class);
    this.always = List.of(networks, ports);
    this.since = Map.of("meshpeers", peers, "securityrules", rules);
  }

  void start() {
    always.forEach(this::follow);
  }

  private void follow(Copy<?> copy) {
    if (followed.add(copy)) {
      copy.informer().addHandler("host-network", (_, _, _) -> changed.run());
      copy.informer().start();
    }
  }

  /// Whether everything that the server has is known in that time.
  boolean synced(Duration most) throws InterruptedException {
    if (!asked) {
      askForMore();
    }
    for (Copy<?> each : followed) {
      if (!each.informer().awaitSynced(most)) {
        return false;
      }
    }
    return asked;
  }

  /// Follows kinds that the server has by now.
  void askForMore() throws InterruptedException {
    if (asked && followed.size() == always.size() + since.size()) {
      return;
    }
    try {
      Set<String> served = new HashSet<>();
      for (ServedType each : client.discovery().aggregated().types()) {
        if (each.resource().group().equals("otherix")) {
          served.add(each.resource().resource());
        }
      }
      since.forEach((plural, copy) -> {
        if (served.contains(plural)) {
          follow(copy);
        } else if (!asked) {
          LOG.log(
              System.Logger.Level.WARNING,
              "the server is older than this agent, and goes without a kind resource={0}",
              plural);
        }
      });
      asked = true;
    } catch (ApiException | ConnectionException e) {
      LOG.log(System.Logger.Level.DEBUG, "it is not known which kinds the server has", e);
    }
  }

  /// @param more a port that the copy may not have yet
  HostPlan.Objects all(@Nullable Port more) {
    List<Port> known = ports.all();
    if (more != null) {
      known = new ArrayList<>(known);
      known.removeIf(each -> each.metadata().uid().equals(more.metadata().uid()));
      known.add(more);
    }
    return new HostPlan.Objects(networks.all(), known, peers.all(), rules.all());
  }

  /// The interfaces of a machine.
  ///
  /// @param uid of the machine
  List<Port> of(String uid) {
    List<Port> found = new ArrayList<>();
    for (Port each : ports.all()) {
      if (each.metadata().ownerReferences().stream().anyMatch(owner -> owner.uid().equals(uid))) {
        found.add(each);
      }
    }
    return found;
  }

  @Override
  public void close() {
    networks.informer().close();
    ports.informer().close();
    peers.informer().close();
    rules.informer().close();
  }
}
