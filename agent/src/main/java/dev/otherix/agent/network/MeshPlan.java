package dev.otherix.agent.network;

import dev.otherix.schemas.v1.MeshPeer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The mesh as this node is to see it.
///
/// @param self this node's address; null until the server gave it one
/// @param whole the network that all addresses are in; null with the former
/// @param endpoint where others reach this node; empty when they cannot
/// @param relays whether this node brings together others that cannot be reached
/// @param peers the other nodes, by name
record MeshPlan(
    @Nullable Integer self,
    @Nullable Cidr whole,
    String endpoint,
    boolean relays,
    Map<String, Peer> peers) {
  static final MeshPlan NONE = new MeshPlan(null, null, "", false, Map.of());

  private static final Pattern ENDPOINT =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}:[0-9]{1,5}");
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{43}=");

  /// Another node.
  ///
  /// @param key its public one
  /// @param endpoint host and port; empty for one that cannot be reached from outside
  /// @param relays whether it brings together nodes that cannot be reached
  record Peer(String name, String key, String endpoint, int address, boolean relays) {}

  /// With whom this node speaks itself, and whose addresses are behind each: its own, and with the
  /// relay those that neither this node nor they themselves can bring about a conversation with.
  Map<Peer, List<Integer>> conversations() {
    Map<Peer, List<Integer>> all = new LinkedHashMap<>();
    Peer relay = null;
    for (Peer each : peers.values()) {
      relay = relay == null && each.relays && !open() ? each : relay;
    }
    for (Peer each : peers.values()) {
      boolean beyond = relay != null && each.endpoint.isEmpty();
      all.computeIfAbsent(beyond ? relay : each, _ -> new ArrayList<>()).add(each.address);
    }
    all.values().forEach(Collections::sort);
    return all;
  }

  /// Whether others can begin a conversation with this node.
  boolean open() {
    return !endpoint.isEmpty();
  }

  static MeshPlan of(List<MeshPeer> all, String node) {
    Integer self = null;
    Cidr whole = null;
    String endpoint = "";
    boolean relays = false;
    Map<String, Peer> peers = new TreeMap<>();
    for (MeshPeer each : all) {
      Cidr address = Cidr.of(each.spec().address());
      String at = each.spec().endpoint() == null ? "" : each.spec().endpoint();
      String name = each.metadata().name();
      if (name.equals(node)) {
        self = address.first();
        whole = new Cidr(address.first() & address.mask(), address.prefix());
        endpoint = at;
        relays = each.spec().relay();
      } else if (KEY.matcher(each.spec().publicKey()).matches()
          && (at.isEmpty() || ENDPOINT.matcher(at).matches())) {
        // Others than the server's schema lets pass would be more than one word of a configuration.
        boolean relay = each.spec().relay() && !at.isEmpty();
        peers.put(name, new Peer(name, each.spec().publicKey(), at, address.first(), relay));
      }
    }
    return new MeshPlan(self, whole, endpoint, relays, peers);
  }
}
