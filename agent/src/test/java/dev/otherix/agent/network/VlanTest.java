package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Networks with tags on a host in a namespace.
@Tag("slow")
final class VlanTest {
  private static final ObjectNode TEN = network("ten", "br9", false, 10, "");
  private static final ObjectNode TWENTY = network("twenty", "br9", false, 20, "");
  private static final ObjectNode OWN =
      network("own", "own0", true, 30, ", \"subnet\": \"192.168.93.0/24\", \"dhcp\": true");
  private static final ObjectNode WEB = Samples.port(1, "web", "ten", "");
  private static final ObjectNode DB = Samples.port(2, "db", "ten", "");
  private static final ObjectNode DESK = Samples.port(3, "desk", "twenty", "");
  private static final ObjectNode BOX = Samples.port(4, "box", "own", "192.168.93.2");

  @TempDir private Path temp;
  private final List<Namespace> guests = new ArrayList<>();
  private Namespace host;

  @BeforeEach
  void start() throws Exception {
    host = Namespace.open();
  }

  @AfterEach
  void stop() throws Exception {
    for (Namespace each : guests) {
      each.close();
    }
    if (host != null) {
      host.close();
    }
  }

  private static ObjectNode network(
      String name, String bridge, boolean managed, int vlan, String more) {
    return Samples.network(
        name,
        "\"managed\": %s, \"egress\": \"none\", \"bridgeName\": \"%s\", \"vlan\": %d%s"
            .formatted(managed, bridge, vlan, more));
  }

  private Namespace guest(int number) throws Exception {
    Namespace guest = Namespace.open();
    guests.add(guest);
    host.join(PortPlan.tapOf(Samples.uid(number)), guest, "eth0");
    guest.run("ip link set eth0 address " + Samples.mac(number));
    guest.run("ip addr add 10.7.0.%d/24 dev eth0".formatted(number));
    return guest;
  }

  private Path resolver() throws Exception {
    return Files.writeString(temp.resolve("resolv"), "");
  }

  private static boolean pings(Namespace from, int number) throws Exception {
    return from.attempt("ping -c 1 -W 2 10.7.0." + number).code() == 0;
  }

  @Test
  void network_onAKernelWithout_saysSo_andConnectsNobody() throws Exception {
    host.run("ip link add br9 type bridge; ip link set br9 up");
    guest(1);
    HostChild child = HostChild.startWithoutVlans(host, temp, resolver());
    Map<String, String> errors = child.apply(List.of(TEN, OWN), List.of(WEB, BOX));
    for (String each : List.of("ten", "own")) {
      String error = String.valueOf(errors.get(each));
      assertTrue(error.contains("CONFIG_BRIDGE_VLAN_FILTERING"), error);
    }
    String tap = host.run("ip -o link show " + PortPlan.tapOf(Samples.uid(1)));
    assertFalse(tap.contains("master"), tap);
    assertNotEquals(0, host.attempt("ip link show own0").code());
  }

  @Test
  void guests_ofOneTag_reachEachOther_andNobodyElse() throws Exception {
    Assumptions.assumeTrue(
        VlanSupport.onThisHost(System.getenv("PATH")),
        "this kernel's bridges do not keep VLANs apart (CONFIG_BRIDGE_VLAN_FILTERING)");
    host.run("ip link add br9 type bridge vlan_filtering 1; ip link set br9 up");
    Namespace web = guest(1);
    Namespace db = guest(2);
    Namespace desk = guest(3);
    HostChild child = HostChild.start(host, temp, resolver());
    List<ObjectNode> networks = List.of(TEN, TWENTY);
    List<ObjectNode> ports = List.of(WEB, DB, DESK);
    assertEquals(Map.of("ten", "", "twenty", ""), child.apply(networks, ports));
    assertTrue(pings(web, 2));
    assertFalse(pings(web, 3));
    // The uplink is the operator's: it passes the tags that he lets it pass.
    Namespace trunk = guest(5);
    String uplink = PortPlan.tapOf(Samples.uid(5));
    host.run("ip link set %s master br9; bridge vlan add dev %s vid 10".formatted(uplink, uplink));
    String good = host.run("bridge vlan show");
    // Somebody's hand is repaired.
    String tap = PortPlan.tapOf(Samples.uid(1));
    host.run("bridge vlan add dev %s vid 20 pvid untagged".formatted(tap));
    assertEquals(Map.of("ten", "", "twenty", ""), child.apply(networks, ports));
    assertEquals(good, host.run("bridge vlan show"));
    assertTrue(pings(web, 2));
    // Another tag counts at once.
    ObjectNode moved = network("ten", "br9", false, 20, "");
    assertEquals(Map.of("ten", "", "twenty", ""), child.apply(List.of(moved, TWENTY), ports));
    assertTrue(pings(web, 3));
    assertTrue(pings(db, 3));
    assertFalse(pings(trunk, 1));
    assertTrue(pings(desk, 1));
  }

  @Test
  void guest_onATaggedBridgeOfOurs_isServed() throws Exception {
    Assumptions.assumeTrue(
        VlanSupport.onThisHost(System.getenv("PATH")),
        "this kernel's bridges do not keep VLANs apart (CONFIG_BRIDGE_VLAN_FILTERING)");
    Namespace box = guest(4);
    HostChild child = HostChild.start(host, temp, resolver());
    assertEquals(Map.of("own", ""), child.apply(List.of(OWN), List.of(BOX)));
    String lease = HostNetworkTest.lease(box);
    assertTrue(lease.contains("ip=192.168.93.2"), lease);
    String before = host.run("bridge vlan show");
    assertTrue(before.contains("30 PVID Egress Untagged"), before);
    assertEquals(Map.of("own", ""), child.apply(List.of(OWN), List.of(BOX)));
    assertEquals(before, host.run("bridge vlan show"));
    assertEquals(Map.of(), child.apply(List.of(), List.of()));
  }
}
