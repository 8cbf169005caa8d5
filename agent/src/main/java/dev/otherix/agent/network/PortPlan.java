package dev.otherix.agent.network;

import dev.otherix.schemas.v1.Port;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An interface of a machine, here or elsewhere. Made once for each version of its Port, because
/// all of them are looked at whenever one changes.
///
/// @param port as the server has it
/// @param mac in lower case with colons
/// @param address null where the network assigns none
/// @param six null where the network has no IPv6
/// @param node where its machine is; empty until that is known
/// @param tap its device on the host where the machine is; found again by nothing but the port
/// @param alias of that device
/// @param own what it may send as
record PortPlan(
    Port port,
    String mac,
    @Nullable Integer address,
    @Nullable Ip6 six,
    String node,
    String tap,
    String alias,
    Own own) {
  private static final int UID_DIGITS = 12;

  /// What an interface is called, and what it may say that it is, as members of the packet filter's
  /// sets.
  ///
  /// @param tap alone
  /// @param mac with the tap
  /// @param address with the tap; null without one
  /// @param whole tap, hardware address and address in one; null without the last
  /// @param sixes its addresses of IPv6, each with the tap
  /// @param targets the same as a neighbour names them
  record Own(
      String tap,
      String mac,
      @Nullable String address,
      @Nullable String whole,
      List<String> sixes,
      List<String> targets) {
    static Own of(String tap, String mac, @Nullable Integer address, @Nullable Ip6 six) {
      String quoted = '"' + tap + '"';
      List<Ip6> all = six == null ? List.of() : List.of(six, Ip6.linkLocal(mac));
      return new Own(
          quoted,
          quoted + " . " + mac,
          address == null ? null : quoted + " . " + Cidr.text(address),
          address == null ? null : quoted + " . " + mac + " . " + Cidr.text(address),
          all.stream().map(each -> quoted + " . " + each).toList(),
          all.stream().map(each -> quoted + " . " + each.hex()).toList());
    }

    /// An address with the tap, whether it is its own or not.
    String as(int other) {
      return tap + " . " + Cidr.text(other);
    }
  }

  static PortPlan of(Port port) {
    Port.Spec spec = port.spec();
    String text = spec.ipv4Address();
    Integer address = text == null ? null : Cidr.address(text);
    Ip6 six = spec.ipv6Address() == null ? null : Ip6.of(spec.ipv6Address());
    String tap = tapOf(port.metadata().uid());
    return new PortPlan(
        port,
        spec.macAddress(),
        address,
        six,
        spec.nodeName() == null ? "" : spec.nodeName(),
        tap,
        LinkChanges.alias(port.metadata().name()),
        Own.of(tap, spec.macAddress(), address, six));
  }

  String name() {
    return port.metadata().name();
  }

  String vm() {
    return port.spec().vmName();
  }

  String network() {
    return port.spec().network();
  }

  /// Whether it belongs to a machine.
  ///
  /// @param uid of the machine
  boolean isOf(String uid) {
    return port.metadata().ownerReferences().stream().anyMatch(owner -> owner.uid().equals(uid));
  }

  static String tapOf(String uid) {
    return "ot" + uid.replace("-", "").substring(0, UID_DIGITS);
  }
}
