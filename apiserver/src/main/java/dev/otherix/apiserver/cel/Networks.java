package dev.otherix.apiserver.cel;

import java.util.Map;
import java.util.function.Predicate;

/// IP addresses, networks and URLs.
final class Networks {
  private Networks() {}

  static void addTo(Map<String, Function> functions) {
    functions.put("isIP", (a, _) -> a[0] instanceof String text && Address.parse(text) != null);
    functions.put("ip", (a, _) -> a[0] instanceof Network net ? net.address() : address(a[0]));
    functions.put("ip.isCanonical", (a, _) -> address(a[0]).toString().equals(a[0]));
    functions.put("family", (a, _) -> own(a[0]).isFour() ? 4L : 6L);
    trait(functions, "isUnspecified", each -> each.inet().isAnyLocalAddress());
    trait(functions, "isLoopback", each -> each.inet().isLoopbackAddress());
    trait(functions, "isLinkLocalMulticast", each -> each.inet().isMCLinkLocal());
    trait(functions, "isLinkLocalUnicast", each -> each.inet().isLinkLocalAddress());
    trait(functions, "isGlobalUnicast", Networks::globalUnicast);
    functions.put("isCIDR", (a, _) -> a[0] instanceof String text && Network.parse(text) != null);
    functions.put("cidr", (a, _) -> network(a[0]));
    functions.put("containsIP", (a, _) -> net(a[0]).contains(address(a[1])));
    functions.put("containsCIDR", (a, _) -> net(a[0]).contains(network(a[1])));
    functions.put("masked", (a, _) -> net(a[0]).masked());
    functions.put("prefixLength", (a, _) -> (long) net(a[0]).prefix());
    functions.put("isURL", (a, _) -> a[0] instanceof String text && Url.parse(text) != null);
    functions.put("url", (a, _) -> url(a[0]));
    functions.put("getScheme", (a, _) -> ownUrl(a[0]).scheme());
    functions.put("getHost", (a, _) -> ownUrl(a[0]).host());
    functions.put("getHostname", (a, _) -> ownUrl(a[0]).hostname());
    functions.put("getPort", (a, _) -> ownUrl(a[0]).port());
    functions.put("getEscapedPath", (a, _) -> ownUrl(a[0]).path());
    functions.put("getQuery", (a, _) -> ownUrl(a[0]).query());
  }

  private static void trait(
      Map<String, Function> functions, String name, Predicate<Address> trait) {
    functions.put(name, (a, _) -> trait.test(own(a[0])));
  }

  private static boolean globalUnicast(Address address) {
    return !address.inet().isAnyLocalAddress()
        && !address.inet().isLoopbackAddress()
        && !address.inet().isLinkLocalAddress()
        && !address.inet().isMulticastAddress()
        && !address.isBroadcast();
  }

  private static Address own(Object value) {
    if (value instanceof Address address) {
      return address;
    }
    throw EvaluationException.noOverload("IP expected");
  }

  private static Network net(Object value) {
    if (value instanceof Network network) {
      return network;
    }
    throw EvaluationException.noOverload("CIDR expected");
  }

  private static Url ownUrl(Object value) {
    if (value instanceof Url url) {
      return url;
    }
    throw EvaluationException.noOverload("URL expected");
  }

  private static Address address(Object value) {
    if (value instanceof Address address) {
      return address;
    }
    Address parsed = Address.parse(Functions.text(value, "ip"));
    if (parsed == null) {
      throw new EvaluationException("IP Address \"" + value + "\" parse error");
    }
    return parsed;
  }

  private static Network network(Object value) {
    if (value instanceof Network network) {
      return network;
    }
    Network parsed = Network.parse(Functions.text(value, "cidr"));
    if (parsed == null) {
      throw new EvaluationException("network address parse error: \"" + value + "\"");
    }
    return parsed;
  }

  private static Url url(Object value) {
    Url parsed = Url.parse(Functions.text(value, "url"));
    if (parsed == null) {
      throw new EvaluationException("URL parse error: \"" + value + "\"");
    }
    return parsed;
  }
}
