package dev.otherix.agent.network;

import dev.otherix.schemas.v1.SecurityRule;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What machines may have by their security rules, as text for `nft`: a table of its own, which is
/// changed in place, so that the conversations that it knows go on. It remembers who spoke to whom,
/// because on a bridge not every kernel does.
final class Guards {
  static final String TABLE = "otherix_rules";

  /// The sets that the kernel fills; everything else is ours.
  static final List<String> FLOWS = List.of("set flows {", "set flows6 {");

  private static final int COMMENT_CHARACTERS_MAX = 120;

  private static final String FRAME =
      """
      table bridge otherix_rules {
        set flows {
          type ifname . ipv4_addr . inet_proto . inet_service . inet_service
          flags dynamic,timeout
          timeout 5m
          size 65536
        }
        set flows6 {
          type ifname . ipv6_addr . inet_proto . inet_service . inet_service
          flags dynamic,timeout
          timeout 5m
          size 65536
        }
        chain sent {
        }
        chain received {
        }
        chain from {
          type filter hook prerouting priority -200; policy accept;
        }
        chain to {
          type filter hook postrouting priority 0; policy accept;
        }
      }
      flush table bridge otherix_rules
      table bridge otherix_rules {
        chain sent {
          ip protocol tcp \
              update @flows { iifname . ip daddr . ip protocol . th sport . th dport timeout 1h }
          ip protocol udp \
              update @flows { iifname . ip daddr . ip protocol . th sport . th dport timeout 3m }
          ether type ip6 meta l4proto tcp \
              update @flows6 { iifname . ip6 daddr . meta l4proto . th sport . th dport timeout 1h }
          ether type ip6 meta l4proto udp \
              update @flows6 { iifname . ip6 daddr . meta l4proto . th sport . th dport timeout 3m }
          accept
        }
        chain received {
          ip protocol tcp \
              update @flows { oifname . ip saddr . ip protocol . th dport . th sport timeout 1h }
          ip protocol udp \
              update @flows { oifname . ip saddr . ip protocol . th dport . th sport timeout 3m }
          ether type ip6 meta l4proto tcp \
              update @flows6 { oifname . ip6 saddr . meta l4proto . th dport . th sport timeout 1h }
          ether type ip6 meta l4proto udp \
              update @flows6 { oifname . ip6 saddr . meta l4proto . th dport . th sport timeout 3m }
          accept
        }
      """;

  private static final String ANSWERS =
      """
      icmp type { echo-reply, destination-unreachable, time-exceeded, parameter-problem } accept
          icmpv6 type { echo-reply, destination-unreachable, packet-too-big, time-exceeded, \
              parameter-problem } accept
      """;

  /// Without it there is no IPv6 at all; who may say what of it is seen to elsewhere.
  private static final String NEIGHBOURS =
      """
          icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, \
              nd-router-advert, mld-listener-query, mld-listener-report, mld-listener-reduction, \
              mld2-listener-report } accept
      """;

  private Guards() {}

  /// For nobody when no machine here has rules.
  static String of(HostPlan plan) {
    Set<String> guarded = new LinkedHashSet<>();
    Set<String> inward = new LinkedHashSet<>();
    Set<String> outward = new LinkedHashSet<>();
    Set<String> services = new LinkedHashSet<>();
    StringBuilder from = new StringBuilder();
    StringBuilder to = new StringBuilder();
    for (PortPlan port : plan.here()) {
      String tap = port.own().tap();
      for (SecurityRule each : plan.rules().getOrDefault(port.vm(), List.of())) {
        guarded.add(tap);
        switch (each.spec().direction()) {
          case INGRESS -> {
            inward.add(tap);
            to.append(rule("oifname " + tap, "saddr", each, "received"));
          }
          case EGRESS -> {
            outward.add(tap);
            from.append(rule("iifname " + tap, "daddr", each, "sent"));
          }
        }
      }
      NetworkPlan network = plan.networkOf(port);
      NetworkPlan.Served served = network == null ? null : network.served();
      if (guarded.contains(tap) && served != null && served.dns()) {
        services.add(tap + " . " + Cidr.text(served.gateway()));
      }
    }
    if (guarded.isEmpty()) {
      return none();
    }
    StringBuilder text = new StringBuilder(FRAME);
    text.append("  chain from {\n    iifname != ").append(oneOf(guarded)).append(" accept\n");
    common(text, "iifname . ip daddr . ip protocol . th sport . th dport @flows goto sent\n");
    commonOfSix(
        text, "iifname . ip6 daddr . meta l4proto . th sport . th dport @flows6 goto sent\n");
    text.append("    udp sport 68 udp dport 67 accept\n    ").append(ANSWERS);
    if (!services.isEmpty()) {
      String known = "iifname . ip daddr " + oneOf(services);
      text.append("    ").append(known).append(" udp dport 53 goto sent\n");
      text.append("    ").append(known).append(" tcp dport 53 goto sent\n");
    }
    rest(text, "iifname", outward, from, "sent");
    text.append("  chain to {\n    oifname != ").append(oneOf(guarded)).append(" accept\n");
    common(text, "oifname . ip saddr . ip protocol . th dport . th sport @flows goto received\n");
    commonOfSix(
        text, "oifname . ip6 saddr . meta l4proto . th dport . th sport @flows6 goto received\n");
    text.append("    udp sport 67 udp dport 68 accept\n    ").append(ANSWERS);
    rest(text, "oifname", inward, to, "received");
    return text.append("}\n").toString();
  }

  /// What makes the filter take a conversation that the host is about to begin for a known one.
  static String conversation(String tap, int own, int guestPort, int ownPort) {
    return "add element bridge %s flows { \"%s\" . %s . tcp . %d . %d timeout 1m }\n"
        .formatted(TABLE, tap, Cidr.text(own), guestPort, ownPort);
  }

  /// Removing a table fails where there is none; adding one never does.
  static String none() {
    return "table bridge " + TABLE + "\ndelete table bridge " + TABLE + "\n";
  }

  private static String oneOf(Set<String> some) {
    return "{ " + String.join(", ", some) + " }";
  }

  /// Of a fragment only the first says whose it is, and without it the others are nothing.
  private static void common(StringBuilder text, String known) {
    text.append("    ether type arp accept\n    ether type != { ip, ip6 } counter drop\n");
    text.append("    ip frag-off & 0x1fff != 0 accept\n    ip protocol { tcp, udp } ")
        .append(known);
  }

  private static void commonOfSix(StringBuilder text, String known) {
    text.append(NEIGHBOURS).append("    ether type ip6 frag frag-off != 0 accept\n");
    text.append("    ether type ip6 meta l4proto { tcp, udp } ").append(known);
  }

  private static void rest(
      StringBuilder text, String device, Set<String> bound, StringBuilder rules, String goes) {
    if (bound.isEmpty()) {
      text.append("    goto ").append(goes).append("\n  }\n");
      return;
    }
    text.append("    ").append(device).append(" != ").append(oneOf(bound));
    text.append(" goto ").append(goes).append('\n').append(rules);
    text.append("    counter drop\n  }\n");
  }

  /// One line for each version of IP that the rule is about, and one for both where it can be.
  private static String rule(String device, String end, SecurityRule rule, String goes) {
    SecurityRule.Spec spec = rule.spec();
    List<String> matches = new ArrayList<>();
    boolean icmp = spec.protocol() == SecurityRule.Protocol.ICMP;
    if (spec.cidrs().isEmpty() && !icmp) {
      matches.add(protocol(spec, "meta l4proto "));
    } else {
      List<Block> blocks = spec.cidrs().stream().map(Block::of).toList();
      boolean all = blocks.isEmpty();
      if (all || blocks.stream().anyMatch(Block::isOfIpv4)) {
        matches.add(
            " ether type ip" + with("ip " + end, blocks, true) + protocol(spec, "ip protocol "));
      }
      if (all || !blocks.stream().allMatch(Block::isOfIpv4)) {
        matches.add(
            " ether type ip6"
                + with("ip6 " + end, blocks, false)
                + protocol(spec, "meta l4proto "));
      }
    }
    String name = rule.metadata().name();
    String comment = name.substring(0, Math.min(name.length(), COMMENT_CHARACTERS_MAX));
    StringBuilder text = new StringBuilder();
    for (String each : matches) {
      text.append("    ").append(device).append(each).append(" counter goto ").append(goes);
      text.append(" comment \"").append(comment).append("\"\n");
    }
    return text.toString();
  }

  private static String with(String end, List<Block> blocks, boolean ipv4) {
    List<Block> these = blocks.stream().filter(each -> each.isOfIpv4() == ipv4).toList();
    boolean everybody = these.stream().anyMatch(each -> each.prefix() == 0);
    return everybody || these.isEmpty() ? "" : " " + end + " " + oneOf(Block.distinct(these));
  }

  private static String protocol(SecurityRule.Spec spec, String word) {
    boolean six = word.startsWith("meta");
    String protocol =
        switch (spec.protocol()) {
          case ANY -> "";
          case TCP -> "tcp";
          case UDP -> "udp";
          // Names that nft knows itself: a host may have no list of protocols.
          case ICMP -> six ? "icmpv6" : "icmp";
        };
    if (!spec.ports().isEmpty()) {
      return " " + protocol + " dport " + oneOf(ports(spec.ports()));
    }
    return protocol.isEmpty() ? "" : " " + word + protocol;
  }

  /// As ranges that do not overlap, which a set of the packet filter would refuse.
  private static Set<String> ports(List<SecurityRule.Ports> ranges) {
    BitSet all = new BitSet();
    for (SecurityRule.Ports each : ranges) {
      all.set(each.from(), (each.to() == null ? each.from() : each.to()) + 1);
    }
    Set<String> kept = new LinkedHashSet<>();
    for (int first = all.nextSetBit(0); first >= 0; ) {
      int end = all.nextClearBit(first);
      kept.add(end - 1 == first ? String.valueOf(first) : first + "-" + (end - 1));
      first = all.nextSetBit(end);
    }
    return kept;
  }
}
