package dev.otherix.agent.network;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What guests may send: only as themselves. A tap that we do not know sends nothing. Most frames
/// are let through by one look at all that they say of whom they are from.
final class GuestFilter {
  private static final String RULES =
      """
        chain guests {
          type filter hook prerouting priority -300; policy accept;
          iifname != "ot*" accept
          iifname "otvx*" goto from_overlay
          ether type { 8021q, 8021ad } iifname @tagless counter drop
          ip protocol { tcp, udp } th sport != 67 \
              iifname . ether saddr . ip saddr @wholes accept
          iifname != @taps counter drop
          iifname . ether saddr != @macs counter drop
          ether type arp iifname . arp saddr ether != @macs counter drop
          ether type arp iifname . arp saddr ip @gateways counter drop
          ether type arp arp saddr ip 0.0.0.0 accept
          ether type arp iifname @fixed iifname . arp saddr ip != @addresses counter drop
          ether type ip iifname @served udp sport 67 counter drop
          ether type ip ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept
          ether type ip iifname . ip saddr @gateways counter drop
          ether type ip iifname @fixed iifname . ip saddr != @addresses counter drop
          ether type ip6 iifname @served icmpv6 type nd-router-advert counter drop
          ether type ip6 iifname @served udp sport 547 counter drop
          ether type ip6 iifname @six goto guests_of_six
        }
        chain from_overlay {
          ether saddr @anycast counter drop
          ether type arp arp saddr ip 169.254.0.0/16 counter drop
          ether type ip ip saddr 169.254.0.0/16 counter drop
          ether type ip udp dport { 67, 68 } counter drop
          ether type ip6 icmpv6 type { nd-router-solicit, nd-router-advert } counter drop
        }
        chain guests_of_six {
          icmpv6 type { nd-router-advert, nd-redirect } counter drop
          udp sport 547 counter drop
          ip6 saddr :: icmpv6 type nd-neighbor-solicit \
              iifname . @th,64,128 != @targets counter drop
          ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, \
              mld-listener-report, mld-listener-reduction, mld2-listener-report } accept
          iifname . ip6 saddr != @sixes counter drop
          icmpv6 type nd-neighbor-advert iifname . @th,64,128 != @targets counter drop
        }
      }
      """;

  private final StringBuilder text =
      new StringBuilder("table bridge ").append(Ruleset.TABLE).append(" {\n");
  private final Map<String, Set<String>> members = new TreeMap<>();

  private final Set<String> taps = set("taps", "type ifname");
  private final Set<String> macs = set("macs", "type ifname . ether_addr");
  private final Set<String> fixed = set("fixed", "type ifname");
  private final Set<String> addresses = set("addresses", "type ifname . ipv4_addr");
  private final Set<String> wholes = set("wholes", "type ifname . ether_addr . ipv4_addr");
  private final Set<String> served = set("served", "type ifname");
  private final Set<String> gateways = set("gateways", "type ifname . ipv4_addr");
  private final Set<String> tagless = set("tagless", "type ifname");
  private final Set<String> six = set("six", "type ifname");
  private final Set<String> sixes = set("sixes", "type ifname . ipv6_addr");

  /// The packet filter has no name for this place: whom a message of NDP is about.
  private final Set<String> targets = set("targets", "typeof iifname . @th,64,128");

  /// Hardware addresses of the host's own that other hosts have too.
  private final Set<String> anycast = set("anycast", "type ether_addr");

  private GuestFilter() {}

  static GuestFilter of(HostPlan plan) {
    GuestFilter filter = new GuestFilter();
    for (PortPlan each : plan.here()) {
      NetworkPlan network = plan.networkOf(each);
      if (network != null) {
        filter.add(each, network);
      }
    }
    for (NetworkPlan each : plan.networks().values()) {
      if (each.overlay() != null) {
        filter.anycast.add(each.mac());
      }
    }
    filter.text.append(RULES);
    return filter;
  }

  /// The table with its sets empty.
  CharSequence text() {
    return text;
  }

  /// What the sets hold, by their names.
  Map<String, Set<String>> members() {
    return members;
  }

  private Set<String> set(String name, String type) {
    text.append("  set ").append(name).append(" { ").append(type).append("; }\n");
    Set<String> all = new LinkedHashSet<>();
    members.put(name, all);
    return all;
  }

  private void add(PortPlan port, NetworkPlan network) {
    PortPlan.Own own = port.own();
    String tap = own.tap();
    taps.add(tap);
    macs.add(own.mac());
    NetworkPlan.Served host = network.served();
    String address = own.address();
    String whole = own.whole();
    if (address != null && whole != null) {
      fixed.add(tap);
      addresses.add(address);
      if (host == null || !address.equals(own.as(host.gateway()))) {
        wholes.add(whole);
      }
    }
    if (address != null || host != null || network.vlan() != null || network.six() != null) {
      tagless.add(tap);
    }
    if (network.six() != null && port.six() != null) {
      six.add(tap);
      sixes.addAll(own.sixes());
      targets.addAll(own.targets());
    }
    if (host != null) {
      served.add(tap);
      gateways.add(own.as(host.gateway()));
    }
  }
}
