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
    String domain, Cidr subnet, Map<String, List<Integer>> addresses, Map<Integer, String> names) {
  private static final String REVERSE = ".in-addr.arpa";
  private static final int IPV4_LABELS = 4;

  static DnsZone of(NetworkPlan network, NetworkPlan.Served served, HostPlan plan) {
    Map<String, List<Integer>> addresses = new HashMap<>();
    Map<Integer, String> names = new HashMap<>();
    for (PortPlan each : plan.all()) {
      Integer address = each.address();
      if (each.network().equals(network.name()) && address != null) {
        String name = each.vm().toLowerCase(Locale.ROOT);
        addresses.computeIfAbsent(name, _ -> new ArrayList<>()).add(address);
        names.put(address, name + "." + network.domain());
      }
    }
    return new DnsZone(network.domain(), served.subnet(), Map.copyOf(addresses), Map.copyOf(names));
  }

  /// Null when others have to be asked.
  byte @Nullable [] answer(DnsQuestion question) {
    String name = question.name();
    if (name.endsWith(REVERSE)) {
      return reverse(question, name.substring(0, name.length() - REVERSE.length()));
    }
    boolean inside = name.endsWith("." + domain);
    String machine = inside ? name.substring(0, name.length() - domain.length() - 1) : name;
    // A machine named like a host elsewhere must not pass for it: alone, a name has no dots.
    boolean known = inside || machine.indexOf('.') < 0;
    List<Integer> found = known ? addresses.get(machine) : null;
    if (found == null) {
      return inside || name.equals(domain)
          ? question.answer(inside ? DnsQuestion.NO_SUCH_NAME : DnsQuestion.NO_ERROR, List.of())
          : null;
    }
    List<byte[]> values = new ArrayList<>();
    if (question.type() == DnsQuestion.A) {
      found.forEach(each -> values.add(DhcpMessage.ofInt(each)));
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
    String name = names.get(address);
    if (name == null) {
      return question.answer(DnsQuestion.NO_SUCH_NAME, List.of());
    }
    return question.answer(
        DnsQuestion.NO_ERROR,
        question.type() == DnsQuestion.PTR ? List.of(DnsQuestion.encoded(name)) : List.of());
  }
}
