package dev.otherix.agent.network;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A network of IPv4 or IPv6, as a rule names it.
///
/// @param first its own address; of IPv4 in the lowest bits
/// @param prefix how many leading bits name it
record Block(boolean isOfIpv4, Ip6 first, int prefix) {
  private static final int IPV4_AT = 96;

  /// @param text as the schema lets it pass
  static Block of(String text) {
    int slash = text.indexOf('/');
    int prefix = Integer.parseInt(text.substring(slash + 1));
    String address = text.substring(0, slash);
    return address.indexOf(':') >= 0
        ? new Block(false, Ip6.of(address), prefix)
        : new Block(true, new Ip6(0, Cidr.address(address) & 0xffff_ffffL), prefix);
  }

  private boolean contains(Block other) {
    int bits = isOfIpv4 ? IPV4_AT + prefix : prefix;
    return isOfIpv4 == other.isOfIpv4
        && prefix <= other.prefix
        && first.startsLike(other.first, bits);
  }

  /// As the packet filter's sets want them: without networks that lie in another one.
  static Set<String> distinct(List<Block> all) {
    Set<String> kept = new LinkedHashSet<>();
    for (int i = 0; i < all.size(); i++) {
      boolean inside = false;
      for (int j = 0; j < all.size(); j++) {
        boolean wider = j < i || all.get(j).prefix < all.get(i).prefix;
        inside |= j != i && wider && all.get(j).contains(all.get(i));
      }
      if (!inside) {
        kept.add(all.get(i).toString());
      }
    }
    return kept;
  }

  @Override
  public String toString() {
    return (isOfIpv4 ? Cidr.text((int) first.low()) : first.toString()) + "/" + prefix;
  }
}
