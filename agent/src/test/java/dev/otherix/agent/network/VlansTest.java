package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.network.KernelLinks.Link;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// What is asked of `ip` and `bridge`, word by word: not every kernel can do it.
final class VlansTest {
  private static final ObjectNode WEB = Samples.port(1, "web", "lab", "192.168.90.2");
  private static final String TAP = PortPlan.tapOf(Samples.uid(1));
  private static final int OF_THE_PORT = 6;

  private static HostPlan plan(boolean managed, String more) {
    ObjectNode network =
        Samples.network(
            "lab",
            "\"managed\": %s, \"egress\": \"none\", \"bridgeName\": \"lab0\"%s"
                .formatted(managed, more));
    return Samples.plan(List.of(network), List.of(WEB));
  }

  private static NetworkPlan network(boolean managed, String more) {
    return Objects.requireNonNull(plan(managed, more).networks().get("lab"));
  }

  private static Link bridge(@Nullable Integer pvid) {
    return new Link(
        "lab0",
        5,
        "bridge",
        "otherix:lab",
        NetworkPlan.macOf("lab"),
        1500,
        "",
        true,
        true,
        List.of(),
        List.of(),
        null,
        pvid);
  }

  @Test
  void bridge_ofATaggedNetwork_keepsVlansApart() {
    NetworkPlan tagged = network(true, ", \"vlan\": 42");
    NetworkPlan plain = network(true, "");
    String mac = NetworkPlan.macOf("lab");
    String up = "link set dev lab0 alias otherix:lab mtu 1500 addrgenmode none up";
    assertEquals(
        List.of(
            "link add dev lab0 address "
                + mac
                + " type bridge stp_state 0 vlan_filtering 1 vlan_default_pvid 0",
            up),
        LinkChanges.bridge(tagged, KernelLinks.of(List.of())));
    assertEquals(
        List.of("link add dev lab0 address " + mac + " type bridge stp_state 0", up),
        LinkChanges.bridge(plain, KernelLinks.of(List.of())));
    assertEquals(List.of(), LinkChanges.bridge(tagged, KernelLinks.of(List.of(bridge(0)))));
    for (Integer each : new Integer[] {null, 1}) {
      assertEquals(
          List.of("link set dev lab0 type bridge vlan_filtering 1 vlan_default_pvid 0"),
          LinkChanges.bridge(tagged, KernelLinks.of(List.of(bridge(each)))));
    }
    assertEquals(
        List.of("link set dev lab0 type bridge vlan_filtering 0 vlan_default_pvid 1"),
        LinkChanges.bridge(plain, KernelLinks.of(List.of(bridge(0)))));
  }

  @Test
  void tap_onABridgeThatKeepsVlansApart_staysDownUntilItIsInTheRightOne() {
    HostPlan plan = plan(true, ", \"vlan\": 42");
    NetworkPlan tagged = network(true, ", \"vlan\": 42");
    String set = "link set dev " + TAP + " alias otherix:web-0 mtu 1500 addrgenmode none";
    for (Map.Entry<Link, String> each :
        Map.of(bridge(0), " down", bridge(null), " up").entrySet()) {
      Link bridge = each.getKey();
      assertEquals(
          List.of("tuntap add dev " + TAP + " mode tap", set + " master lab0" + each.getValue()),
          LinkChanges.tap(plan.here().getFirst(), tagged, bridge, KernelLinks.of(List.of(bridge))));
    }
  }

  @Test
  void ports_areInTheirNetworksVlan_andInNoOther() {
    NetworkPlan tagged = network(true, ", \"vlan\": 42");
    assertEquals(
        List.of(
            "vlan add dev " + TAP + " vid 42 pvid untagged",
            "vlan add dev lab0 vid 42 pvid untagged self"),
        Vlans.lines(tagged, bridge(0), List.of(TAP), Map.of()));
    assertEquals(
        List.of(
            "vlan del dev " + TAP + " vid 1",
            "vlan add dev " + TAP + " vid 42 pvid untagged",
            "vlan del dev lab0 vid 7 self"),
        Vlans.lines(
            tagged,
            bridge(0),
            List.of(TAP),
            Map.of(TAP, Map.of(1, OF_THE_PORT, 42, 0), "lab0", Map.of(7, 0, 42, OF_THE_PORT))));
    Map<String, Map<Integer, Integer>> good =
        Map.of(TAP, Map.of(42, OF_THE_PORT), "lab0", Map.of(42, OF_THE_PORT));
    assertEquals(List.of(), Vlans.lines(tagged, bridge(0), List.of(TAP), good));
  }

  @Test
  void ports_onTheOperatorsBridge_areSeenTo_andTheBridgeItselfIsNot() {
    NetworkPlan tagged = network(false, ", \"vlan\": 42");
    assertEquals(
        List.of("vlan del dev " + TAP + " vid 1", "vlan add dev " + TAP + " vid 42 pvid untagged"),
        Vlans.lines(tagged, bridge(1), List.of(TAP), Map.of(TAP, Map.of(1, OF_THE_PORT))));
    // One without a tag is in the VLAN of ports of which nothing is said.
    assertEquals(
        List.of("vlan del dev " + TAP + " vid 42", "vlan add dev " + TAP + " vid 1 pvid untagged"),
        Vlans.lines(
            network(false, ""), bridge(1), List.of(TAP), Map.of(TAP, Map.of(42, OF_THE_PORT))));
  }

  @Test
  void bridge_ofTheOperatorThatKeepsNothingApart_isRefused() {
    NetworkPlan tagged = network(false, ", \"vlan\": 42");
    NetworkException refused =
        assertThrows(
            NetworkException.class,
            () -> LinkChanges.bridge(tagged, KernelLinks.of(List.of(bridge(null)))));
    assertTrue(String.valueOf(refused.getMessage()).contains("vlan_filtering 1"));
    assertEquals(List.of(), LinkChanges.bridge(tagged, KernelLinks.of(List.of(bridge(1)))));
  }

  @Test
  void members_areReadFromTheKernelsWords() {
    ByteBuffer attributes = ByteBuffer.allocate(32).order(ByteOrder.nativeOrder());
    attributes.putShort((short) 8).putShort((short) 2).putShort((short) 6).putShort((short) 42);
    attributes.putShort((short) 5).putShort((short) 1).putInt(0);
    attributes.putShort((short) 8).putShort((short) 2).putShort((short) 0).putShort((short) 4094);
    assertEquals(Map.of(42, OF_THE_PORT, 4094, 0), Vlans.members(attributes.flip()));
  }
}
