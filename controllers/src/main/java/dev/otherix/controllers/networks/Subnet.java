package dev.otherix.controllers.networks;

import dev.otherix.schemas.v1.Network;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The addresses that a network gives to its machines.
///
/// @param first the network's own address, as a number
/// @param last its broadcast address
/// @param taken ranges that are given only to who asks for one by name; the gateway is never given
record Subnet(long first, long last, List<Range> taken, long gateway) {
  private static final int BITS = 32;
  private static final long NO_GATEWAY = -1;

  /// Addresses from one to the other, both included.
  record Range(long from, long to) {}

  /// Null when the network has no subnet.
  static @Nullable Subnet of(Network.Spec spec) {
    String text = spec.subnet();
    if (text == null) {
      return null;
    }
    int slash = text.indexOf('/');
    long first = number(text.substring(0, slash));
    int prefix = Integer.parseInt(text.substring(slash + 1));
    long last = first + (1L << (BITS - prefix)) - 1;
    List<Range> taken = new ArrayList<>();
    for (Network.Range each : spec.reserved()) {
      taken.add(new Range(number(each.from()), number(each.to())));
    }
    return new Subnet(first, last, List.copyOf(taken), gateway(spec, first));
  }

  /// On a bridge the node stands inside the subnet; an overlay's gateway is outside of it.
  private static long gateway(Network.Spec spec, long first) {
    return switch (spec.type()) {
      case OVERLAY -> NO_GATEWAY;
      case BRIDGE -> spec.gateway() == null ? first + 1 : number(spec.gateway());
    };
  }

  /// Whether a machine may have the address at all.
  boolean mayGive(long address) {
    return address > first && address < last && address != gateway;
  }

  /// The first address from this one on that is not reserved; the broadcast address when there is
  /// none.
  long unreservedFrom(long address) {
    long at = Math.max(address, first + 1);
    boolean moved = true;
    while (moved && at < last) {
      moved = at == gateway;
      at += moved ? 1 : 0;
      for (Range each : taken) {
        if (at >= each.from() && at <= each.to()) {
          at = each.to() + 1;
          moved = true;
        }
      }
    }
    return Math.min(at, last);
  }

  static long number(String address) {
    long number = 0;
    for (String each : address.split("\\.", -1)) {
      number = number << 8 | Integer.parseInt(each);
    }
    return number;
  }

  static String text(long address) {
    return (address >> 24)
        + "."
        + (address >> 16 & 0xff)
        + "."
        + (address >> 8 & 0xff)
        + "."
        + (address & 0xff);
  }
}
