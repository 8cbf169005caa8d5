package dev.otherix.agent.network;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Our tables of the packet filter, as text for `nft`. What is changed is changed at once, so that
/// no packet meets half of it.
final class Ruleset {
  static final String TABLE = "otherix";

  /// So many members are changed by the kernel's own calls.
  private static final int SOME = 200;

  private final HostPlan plan;
  private final StringBuilder text = new StringBuilder(1024);

  /// What the sets hold, by the set's family, table and name.
  private final Map<String, Set<String>> elements = new TreeMap<>();

  private Ruleset(HostPlan plan) {
    this.plan = plan;
  }

  static Ruleset of(HostPlan plan) {
    Ruleset ruleset = new Ruleset(plan);
    ruleset.text.append(Guards.of(plan));
    ruleset.add(GuestFilter.of(plan));
    ruleset.host();
    ruleset.text.append(emptied("ip6"));
    if (plan.hasIpv6()) {
      ruleset.hostOfIpv6();
    }
    return ruleset;
  }

  private void add(GuestFilter guests) {
    text.append(emptied("bridge")).append(guests.text());
    guests.members().forEach((set, these) -> elements.put("bridge " + TABLE + " " + set, these));
  }

  boolean same(Ruleset other) {
    return sameRules(other) && elements.equals(other.elements);
  }

  private boolean sameRules(Ruleset other) {
    return text.compareTo(other.text) == 0;
  }

  /// Everything anew, whatever is there.
  String whole() {
    StringBuilder all = new StringBuilder(text);
    elements.forEach((set, these) -> change(all, "add", set, these));
    return all.toString();
  }

  /// What leads here from another; only what differs when that is no more than members of sets.
  String since(Ruleset before) {
    if (!sameRules(before)) {
      return whole();
    }
    StringBuilder changes = new StringBuilder();
    elements.forEach((set, these) -> {
      Set<String> those = before.elements.getOrDefault(set, Set.of());
      change(changes, "delete", set, without(those, these));
      change(changes, "add", set, without(these, those));
    });
    return changes.toString();
  }

  /// The same as changes of members, when it is no more than some of those.
  Optional<List<FilterMembers.Change>> membersSince(Ruleset before) {
    if (!sameRules(before)) {
      return Optional.empty();
    }
    List<FilterMembers.Change> changes = new ArrayList<>();
    int count = 0;
    for (Map.Entry<String, Set<String>> each : elements.entrySet()) {
      Set<String> those = before.elements.getOrDefault(each.getKey(), Set.of());
      List<String> gone = without(those, each.getValue());
      List<String> come = without(each.getValue(), those);
      count += gone.size() + come.size();
      if (!gone.isEmpty()) {
        changes.add(new FilterMembers.Change(false, each.getKey(), gone));
      }
      if (!come.isEmpty()) {
        changes.add(new FilterMembers.Change(true, each.getKey(), come));
      }
    }
    return count > SOME ? Optional.empty() : Optional.of(changes);
  }

  private static List<String> without(Set<String> some, Set<String> others) {
    List<String> rest = new ArrayList<>();
    for (String each : some) {
      if (!others.contains(each)) {
        rest.add(each);
      }
    }
    return rest;
  }

  private static void change(
      StringBuilder out, String verb, String set, Collection<String> elements) {
    if (!elements.isEmpty()) {
      out.append(verb).append(" element ").append(set).append(" { ");
      out.append(String.join(", ", elements)).append(" }\n");
    }
  }

  static String none() {
    StringBuilder text = new StringBuilder(Guards.none());
    for (String family : List.of("bridge", "ip", "ip6")) {
      text.append(emptied(family));
    }
    return text.toString();
  }

  /// Removing a table fails where there is none; adding one never does.
  private static String emptied(String family) {
    String table = "table " + family + " " + TABLE + "\n";
    return table + "delete " + table;
  }

  /// What passes between networks, to the outside and to the host itself.
  private void host() {
    List<String> bridges = new ArrayList<>();
    List<String> same = new ArrayList<>();
    List<String> out = new ArrayList<>();
    List<String> in = new ArrayList<>();
    List<String> masquerade = new ArrayList<>();
    for (NetworkPlan each : plan.networks().values()) {
      if (!each.managed()) {
        continue;
      }
      String bridge = '"' + each.bridge() + '"';
      bridges.add(bridge);
      same.add(bridge + " . " + bridge);
      NetworkPlan.Served served = each.served();
      if (served == null) {
        continue;
      }
      if (served.nat()) {
        String from = "ip saddr " + served.subnet();
        out.add("iifname " + bridge + " " + from + " accept");
        masquerade.add(from + " oifname != " + bridge + " masquerade");
      }
      String to = "iifname " + bridge + " ip daddr " + Cidr.text(served.gateway());
      in.add(to + " icmp type echo-request accept");
      if (served.dns()) {
        in.add(to + " udp dport 53 accept");
        in.add(to + " tcp dport 53 accept");
      }
    }
    text.append(emptied("ip")).append("table ip ").append(TABLE).append(" {\n");
    set("ip", "bridges", "ifname", bridges);
    set("ip", "same", "ifname . ifname", same);
    if (plan.meshMtu() != 0) {
      // Frames in a tunnel are no connection; to look for it costs more than to wrap them.
      String frames = "ifname \"" + Mesh.DEVICE + "\" udp dport " + NetworkPlan.Overlay.PORT;
      String filter = "type filter hook ";
      chain("tunnels_in", filter + "prerouting priority raw", List.of("i" + frames + " notrack"));
      chain("tunnels_out", filter + "output priority raw", List.of("o" + frames + " notrack"));
    }
    masquerades(masquerade);
    chain("forward", "type filter hook forward priority filter", between(meshForward(), out));
    chain("input", "type filter hook input priority filter", toTheHost(meshInput(), in));
    text.append("}\n");
  }

  /// The same for IPv6. Other bridges than those of networks that have it speak none.
  private void hostOfIpv6() {
    List<String> bridges = new ArrayList<>();
    List<String> same = new ArrayList<>();
    List<String> out = new ArrayList<>();
    List<String> in = new ArrayList<>();
    List<String> masquerade = new ArrayList<>();
    for (NetworkPlan each : plan.networks().values()) {
      if (!each.managed()) {
        continue;
      }
      String bridge = '"' + each.bridge() + '"';
      bridges.add(bridge);
      same.add(bridge + " . " + bridge);
      NetworkPlan.Six six = each.six();
      if (six == null) {
        continue;
      }
      if (six.nat()) {
        String from = "ip6 saddr " + six.prefix() + "/" + NetworkPlan.Six.BITS;
        out.add("iifname " + bridge + " " + from + " accept");
        masquerade.add(from + " oifname != " + bridge + " masquerade");
      }
      String neighbours =
          "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept";
      in.add("iifname " + bridge + " " + neighbours);
      String own = "ip6 daddr { " + Ip6.GATEWAY + ", " + six.own() + " }";
      in.add("iifname " + bridge + " " + own + " icmpv6 type echo-request accept");
    }
    text.append("table ip6 ").append(TABLE).append(" {\n");
    set("ip6", "bridges", "ifname", bridges);
    set("ip6", "same", "ifname . ifname", same);
    masquerades(masquerade);
    chain("forward", "type filter hook forward priority filter", between(List.of(), out));
    chain("input", "type filter hook input priority filter", toTheHost(List.of(), in));
    text.append("}\n");
  }

  /// A packet filter that translates addresses looks at each connection that there is.
  private void masquerades(List<String> rules) {
    if (!rules.isEmpty()) {
      chain("postrouting", "type nat hook postrouting priority srcnat", rules);
    }
  }

  private static List<String> between(List<String> mesh, List<String> out) {
    List<String> forward = new ArrayList<>();
    // A host that takes bridged frames for packets too shows them here.
    forward.add("iifname . oifname @same accept");
    forward.add("ct state established,related accept");
    forward.addAll(mesh);
    forward.add("iifname @bridges oifname @bridges counter drop");
    forward.addAll(out);
    forward.add("iifname @bridges counter drop");
    forward.add("oifname @bridges counter drop");
    return forward;
  }

  private static List<String> toTheHost(List<String> mesh, List<String> in) {
    List<String> input = new ArrayList<>(mesh);
    input.add("iifname != @bridges accept");
    input.add("ct state established,related accept");
    input.addAll(in);
    input.add("counter drop");
    return input;
  }

  /// Overlays' packets come through the mesh or not at all, and nothing else comes through it.
  private List<String> meshInput() {
    List<String> ids = new ArrayList<>();
    for (NetworkPlan each : plan.networks().values()) {
      NetworkPlan.Overlay overlay = each.overlay();
      if (overlay != null) {
        ids.add(String.valueOf(overlay.id()));
      }
    }
    if (ids.isEmpty()) {
      return List.of();
    }
    String port = "udp dport " + NetworkPlan.Overlay.PORT;
    text.append("  chain from_mesh {\n    ").append(port).append(" accept\n");
    text.append("    ct state established,related accept\n");
    text.append("    icmp type echo-request accept\n    counter drop\n  }\n");
    return List.of(
        "iifname \"" + Mesh.DEVICE + "\" goto from_mesh",
        port + " @th,96,24 { " + String.join(", ", ids) + " } counter drop");
  }

  private List<String> meshForward() {
    if (plan.meshMtu() == 0) {
      return List.of();
    }
    String device = " \"" + Mesh.DEVICE + "\" ";
    List<String> rules = new ArrayList<>();
    Cidr whole = plan.mesh().whole();
    if (plan.mesh().relays() && whole != null) {
      String both = "iifname" + device + "oifname" + device;
      String within = both + "ip saddr " + whole + " ip daddr " + whole;
      rules.add(within + " udp dport " + NetworkPlan.Overlay.PORT + " accept");
    }
    rules.add("iifname" + device + "counter drop");
    rules.add("oifname" + device + "counter drop");
    return rules;
  }

  private void set(String family, String name, String type, List<String> members) {
    text.append("  set ").append(name).append(" { type ").append(type).append("; }\n");
    elements.put(family + " " + TABLE + " " + name, new LinkedHashSet<>(members));
  }

  private void chain(String name, String hook, List<String> rules) {
    text.append("  chain ").append(name).append(" {\n    ").append(hook);
    text.append("; policy accept;\n");
    rules.forEach(each -> text.append("    ").append(each).append('\n'));
    text.append("  }\n");
  }
}
