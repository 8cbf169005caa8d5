package dev.otherix.agent.network;

import dev.otherix.apimachinery.codec.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The network devices of this host at one moment.
final class KernelLinks {
  private final Map<String, Link> byName = new HashMap<>();

  /// @param kind such as `bridge` or `tun`; empty for a device of iron
  /// @param alias a note on the device; ours begin with [#TAG]
  /// @param master the bridge it belongs to; empty for none
  /// @param carrier whether something is connected; of a tap, whether a process has it open
  /// @param addresses such as `10.0.0.1/24`
  record Link(
      String name,
      int index,
      String kind,
      String alias,
      String mac,
      int mtu,
      String master,
      boolean up,
      boolean carrier,
      List<String> addresses) {
    /// Devices of ours have it in their alias.
    static final String TAG = "otherix:";

    private static final String TAP = "ot[0-9a-f]{12}";

    boolean isBridge() {
      return kind.equals("bridge");
    }

    /// Whether we made it: a bridge is marked with an alias, a tap with its name too.
    boolean ours() {
      return isBridge() ? alias.startsWith(TAG) : kind.equals("tun") && name.matches(TAP);
    }
  }

  static KernelLinks read(Programs programs) throws InterruptedException {
    return parse(programs.run("", "ip", "-j", "-d", "addr", "show"));
  }

  static KernelLinks parse(String json) {
    KernelLinks links = new KernelLinks();
    for (JsonNode each : Json.parse(json)) {
      boolean up = false;
      boolean carrier = false;
      for (JsonNode flag : each.path("flags")) {
        up |= flag.asString("").equals("UP");
        carrier |= flag.asString("").equals("LOWER_UP");
      }
      List<String> addresses = new ArrayList<>();
      for (JsonNode address : each.path("addr_info")) {
        if (address.path("family").asString("").equals("inet")) {
          addresses.add(
              address.path("local").asString("") + "/" + address.path("prefixlen").asInt(0));
        }
      }
      Link link =
          new Link(
              each.path("ifname").asString(""),
              each.path("ifindex").asInt(0),
              each.at("/linkinfo/info_kind").asString(""),
              each.path("ifalias").asString(""),
              each.path("address").asString(""),
              each.path("mtu").asInt(0),
              each.path("master").asString(""),
              up,
              carrier,
              List.copyOf(addresses));
      links.byName.put(link.name(), link);
    }
    return links;
  }

  @Nullable Link get(String name) {
    return byName.get(name);
  }

  Collection<Link> all() {
    return byName.values();
  }
}
