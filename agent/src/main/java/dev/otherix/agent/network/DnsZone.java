package dev.otherix.agent.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The names of the machines on one network, wherever they run.
///
/// @param domain that follows a machine's name; a machine's name alone is known too
record DnsZone(
    String domain,
    Cidr subnet,
    Map<String, List<Integer>> addresses,
    Map<Integer, String> names,
    Map<String, List<Ip6>> sixes,
    Map<Ip6, String> namesOfSixes) {
  private static final String REVERSE = ".in-addr.arpa";
  private static final String REVERSE_6 = ".ip6.arpa";
  private static final int IPV6_LABELS = 32;

  /// Addresses that are routed nowhere else, but for those that a network here has.
  private static final String UNIQUE_LOCAL = ".d.f";

  private static final int IPV4_LABELS = 4;

  static DnsZone of(NetworkPlan network, NetworkPlan.Served served, HostPlan plan) {
    Map<String, List<Integer>> addresses = new HashMap<>();
    Map<Integer, String> names = new HashMap<>();
    Map<String, List<Ip6>> sixes = new HashMap<>();
    Map<Ip6, String> namesOfSixes = new HashMap<>();
    for (PortPlan each : plan.all()) {
      Integer address = each.address();
      if (each.network().equals(network.name()) && address != null) {
        String name = each.vm().toLowerCase(Locale.ROOT);
        addresses.computeIfAbsent(name, _ -> new ArrayList<>()).add(address);
        names.put(address, name + "." + network.domain());
      }
      Ip6 six = each.six();
      if (each.network().equals(network.name()) && six != null && network.six() != null) {
        String name = each.vm().toLowerCase(Locale.ROOT);
        sixes.computeIfAbsent(name, _ -> new ArrayList<>()).add(six);
        namesOfSixes.put(six, name + "." + network.domain());
      }
    }
    return new DnsZone(
        network.domain(),
        served.subnet(),
        Map.copyOf(addresses),
        Map.copyOf(names),
        Map.copyOf(sixes),
        Map.copyOf(namesOfSixes));
  }

  /// Null when others have to be asked.
  byte @Nullable [] answer(DnsQuestion question) {
    String name = question.name();
    if (name.endsWith(REVERSE)) {
      return reverse(question, name.substring(0, name.length() - REVERSE.length()));
    }
    if (name.endsWith(UNIQUE_LOCAL + REVERSE_6)) {
      return reverseOfSix(question, name.substring(0, name.length() - REVERSE_6.length()));
    }
    boolean inside = name.endsWith("." + domain);
    String machine = inside ? name.substring(0, name.length() - domain.length() - 1) : name;
    // A machine named like a host elsewhere must not pass for it: alone, a name has no dots.
    boolean known = inside || machine.indexOf('.') < 0;
    if (!known || !(addresses.containsKey(machine) || sixes.containsKey(machine))) {
      return inside || name.equals(domain)
          ? question.answer(inside ? DnsQuestion.NO_SUCH_NAME : DnsQuestion.NO_ERROR, List.of())
          : null;
    }
    List<byte[]> values = new ArrayList<>();
    if (question.type() == DnsQuestion.A) {
      addresses
          .getOrDefault(machine, List.of())
          .forEach(each -> values.add(DhcpMessage.ofInt(each)));
    } else if (question.type() == DnsQuestion.AAAA) {
      sixes.getOrDefault(machine, List.of()).forEach(each -> values.add(each.bytes()));
    }
    return question.answer(DnsQuestion.NO_ERROR, values);
  }

  private byte @Nullable [] reverse(DnsQuestion question, String digits) {
    String[] parts = digits.split("\\.", -1);
    int address = 0;
    for (int i = IPV4_LABELS - 1; i >= 0; i--) {
      if (parts.length != IPV4_LABELS || !parts[i].matches("[0-9]{1,3}")) {
        return null;
      }
      address = address << 8 | (Integer.parseInt(parts[i]) & 0xff);
    }
    if (!subnet.contains(address)) {
      return null;
    }
    return named(question, names.get(address));
  }

  /// Null unless it is a machine's: whose else the address is, others may know.
  private byte @Nullable [] reverseOfSix(DnsQuestion question, String digits) {
    if (digits.length() != 2 * IPV6_LABELS - 1) {
      return null;
    }
    long high = 0;
    long low = 0;
    for (int i = IPV6_LABELS - 1; i >= 0; i--) {
      int digit = Character.digit(digits.charAt(2 * i), 16);
      if (digit < 0) {
        return null;
      }
      high = high << 4 | low >>> (Long.SIZE - 4);
      low = low << 4 | digit;
    }
    String name = namesOfSixes.get(new Ip6(high, low));
    return name == null ? null : named(question, name);
  }

  private static byte[] named(DnsQuestion question, @Nullable String name) {
    if (name == null) {
      return question.answer(DnsQuestion.NO_SUCH_NAME, List.of());
    }
    return question.answer(
        DnsQuestion.NO_ERROR,
        question.type() == DnsQuestion.PTR ? List.of(DnsQuestion.encoded(name)) : List.of());
  }
}
