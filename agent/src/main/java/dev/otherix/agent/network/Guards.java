package dev.otherix.agent.network;

import dev.otherix.schemas.v1.SecurityRule;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What machines may have by their security rules, as text for `nft`: a table of its own, which is
/// changed in place, so that the conversations that it knows go on. It remembers who spoke to whom,
/// because on a bridge not every kernel does.
final class Guards {
  static final String TABLE = "otherix_rules";

  /// The set that the kernel fills; everything else is ours.
  static final String FLOWS = "set flows {";

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
          accept
        }
        chain received {
          ip protocol tcp \
              update @flows { oifname . ip saddr . ip protocol . th dport . th sport timeout 1h }
          ip protocol udp \
              update @flows { oifname . ip saddr . ip protocol . th dport . th sport timeout 3m }
          accept
        }
      """;

  private static final String ANSWERS =
      "icmp type { echo-reply, destination-unreachable, time-exceeded, parameter-problem }"
          + " accept\n";

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
      String tap = '"' + port.tap() + '"';
      for (SecurityRule each : plan.rules().getOrDefault(port.vm(), List.of())) {
        guarded.add(tap);
        switch (each.spec().direction()) {
          case INGRESS -> {
            inward.add(tap);
            to.append(rule("oifname " + tap, "ip saddr ", each, "received"));
          }
          case EGRESS -> {
            outward.add(tap);
            from.append(rule("iifname " + tap, "ip daddr ", each, "sent"));
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
    text.append("    udp sport 68 udp dport 67 accept\n    ").append(ANSWERS);
    if (!services.isEmpty()) {
      String known = "iifname . ip daddr " + oneOf(services);
      text.append("    ").append(known).append(" udp dport 53 goto sent\n");
      text.append("    ").append(known).append(" tcp dport 53 goto sent\n");
    }
    rest(text, "iifname", outward, from, "sent");
    text.append("  chain to {\n    oifname != ").append(oneOf(guarded)).append(" accept\n");
    common(text, "oifname . ip saddr . ip protocol . th dport . th sport @flows goto received\n");
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

  /// Rules are of IPv4; of a fragment only the first says whose it is, and without it the others
  /// are nothing.
  private static void common(StringBuilder text, String known) {
    text.append("    ether type arp accept\n    ether type != ip counter drop\n");
    text.append("    ip frag-off & 0x1fff != 0 accept\n    ip protocol { tcp, udp } ")
        .append(known);
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

  private static String rule(String device, String other, SecurityRule rule, String goes) {
    StringBuilder text = new StringBuilder("    ").append(device);
    SecurityRule.Spec spec = rule.spec();
    boolean everybody = spec.cidrs().isEmpty() || spec.cidrs().contains("0.0.0.0/0");
    if (!everybody) {
      text.append(' ').append(other).append(oneOf(distinct(spec.cidrs())));
    }
    String protocol =
        switch (spec.protocol()) {
          case ANY -> "";
          case TCP -> "tcp";
          case UDP -> "udp";
          case ICMP -> "icmp";
        };
    if (!spec.ports().isEmpty()) {
      text.append(' ').append(protocol).append(" dport ").append(oneOf(ports(spec.ports())));
    } else if (!protocol.isEmpty()) {
      text.append(" ip protocol ").append(protocol);
    }
    String name = rule.metadata().name();
    text.append(" counter goto ").append(goes).append(" comment \"");
    text.append(name, 0, Math.min(name.length(), COMMENT_CHARACTERS_MAX)).append("\"\n");
    return text.toString();
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

  /// Without networks that lie in another one, for the same reason.
  private static Set<String> distinct(List<String> networks) {
    Set<String> kept = new LinkedHashSet<>();
    for (int i = 0; i < networks.size(); i++) {
      Cidr mine = Cidr.of(networks.get(i));
      boolean inside = false;
      for (int j = 0; j < networks.size(); j++) {
        Cidr other = Cidr.of(networks.get(j));
        boolean wider = other.prefix() < mine.prefix() || (other.equals(mine) && j < i);
        inside |= j != i && wider && other.contains(mine.first());
      }
      if (!inside) {
        kept.add(mine.toString());
      }
    }
    return kept;
  }
}
