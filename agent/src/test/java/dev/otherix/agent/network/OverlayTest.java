package dev.otherix.agent.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Overlays between nodes that are namespaces.
@Tag("slow")
final class OverlayTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String SERVED = ", \"egress\": \"nat\", \"dhcp\": true";
  private static final ObjectNode LAB = Samples.overlay("lab", 1000, "10.90.0.0/24", SERVED);
  private static final ObjectNode OFFICE = Samples.overlay("office", 1001, "10.91.0.0/24", SERVED);
  private static final ObjectNode WEB = Samples.port(1, "web", "lab", "10.90.0.2", "n1");
  private static final ObjectNode DB = Samples.port(2, "db", "lab", "10.90.0.3", "n2");
  private static final ObjectNode DESK = Samples.port(3, "db", "office", "10.91.0.3", "n2");

  @TempDir private Path temp;
  private OverlayRig rig;

  @BeforeEach
  void start() throws Exception {
    rig = new OverlayRig(temp);
    rig.add(1);
    rig.add(2);
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private static boolean pings(Namespace from, String to) throws Exception {
    return from.attempt("ping -c 1 -W 2 " + to).code() == 0;
  }

  /// The first packet also makes the nodes shake hands.
  private static void awaitPing(Namespace from, String to) {
    await().atMost(PATIENCE).until(() -> pings(from, to));
  }

  @Test
  void guests_onTwoNodes_reachEachOther() throws Exception {
    Namespace web = rig.guest(1, 1, "10.90.0.2");
    Namespace db = rig.guest(2, 2, "10.90.0.3");
    assertEquals(Map.of(), rig.apply(List.of(LAB), List.of(WEB, DB), rig.peers(1, 2)));
    awaitPing(web, "10.90.0.3");
    // The largest packet passes whole, and one byte more does not.
    assertTrue(pings(web, "-M do -s 1362 10.90.0.3"));
    assertFalse(pings(web, "-M do -s 1363 10.90.0.3"));
    db.start("busybox", "nc", "-l", "-p", "7000", "-e", "sha256sum");
    String hash = web.run("head -c 3000000 /dev/zero | sha256sum");
    await()
        .atMost(PATIENCE)
        .until(() ->
            web.attempt("head -c 3000000 /dev/zero | timeout 10 busybox nc 10.90.0.3 7000")
                .output()
                .equals(hash));
    // Its own node reaches its ports too, from an address that all nodes have.
    db.start("busybox", "nc", "-l", "-p", "7001", "-e", "cat");
    await().atMost(PATIENCE).until(() -> rig.node(2).agent().talk("db", 7001).equals("hello"));
    String elsewhere = rig.node(1).agent().talk("desk", 7001);
    assertTrue(elsewhere.contains("it has no interface"), elsewhere);
  }

  @Test
  void arp_isAnsweredByTheNode_notByTheOtherGuest() throws Exception {
    Namespace web = rig.guest(1, 1, "10.90.0.2");
    assertEquals(Map.of(), rig.apply(List.of(LAB), List.of(WEB, DB), rig.peers(1, 2)));
    // There is no guest db that could answer.
    assertFalse(pings(web, "10.90.0.3"));
    String neighbour = web.run("ip neigh show 10.90.0.3");
    assertTrue(neighbour.contains(Samples.mac(2)), neighbour);
    // The machine moves to this node, and then nobody answers for it.
    ObjectNode here = Samples.port(2, "db", "lab", "10.90.0.3", "n1");
    assertEquals(Map.of(), rig.apply(List.of(LAB), List.of(WEB, here), rig.peers(1, 2)));
    String entries = rig.node(1).host.run("bridge fdb show dev otvx1000");
    assertFalse(entries.contains(Samples.mac(2)), entries);
    assertFalse(entries.contains("00:00:00:00:00:00"), entries);
  }

  @Test
  void ipv6_isAnsweredByTheNode_andReachesTheOtherNode() throws Exception {
    String prefix = "fd01:2:3:4";
    ObjectNode lab = Samples.withIpv6(LAB, prefix);
    List<ObjectNode> ports =
        List.of(
            Samples.withIpv6(WEB, 1, prefix),
            Samples.withIpv6(DB, 2, prefix),
            Samples.withIpv6(Samples.port(4, "cache", "lab", "10.90.0.4", "n2"), 4, prefix));
    Namespace web = rig.guest(1, 1);
    Namespace db = rig.guest(2, 2);
    assertEquals(Map.of(), rig.apply(List.of(lab), ports, rig.peers(1, 2)));
    Ipv6Test.awaitAddress(web, Samples.sixOf(1, prefix));
    Ipv6Test.awaitAddress(db, Samples.sixOf(2, prefix));
    awaitPing(web, "-6 " + Samples.sixOf(2, prefix));
    assertTrue(pings(web, "-6 -M do -s 1342 " + Samples.sixOf(2, prefix)));
    assertEquals("1390", web.run("cat /proc/sys/net/ipv6/conf/eth0/mtu").strip());
    // There is no guest cache that could answer, and no node has IPv6 of its own.
    assertFalse(pings(web, "-6 " + Samples.sixOf(4, prefix)));
    String neighbour = web.run("ip -6 neigh show " + Samples.sixOf(4, prefix));
    assertTrue(neighbour.contains(Samples.mac(4)), neighbour);
    assertEquals("", web.run("ip -6 route show default"));
    String heard = rig.node(2).host.run("nft list chain bridge otherix guests");
    assertFalse(heard.contains("nd-router-advert } counter packets 0"), heard);
  }

  @Test
  void networks_areSeparate() throws Exception {
    Namespace web = rig.guest(1, 1, "10.90.0.2");
    Namespace desk = rig.guest(2, 3, "10.91.0.3");
    List<ObjectNode> ports = List.of(WEB, DB, DESK);
    assertEquals(Map.of(), rig.apply(List.of(LAB, OFFICE), ports, rig.peers(1, 2)));
    awaitPing(desk, OverlayRig.WORLD);
    assertFalse(pings(web, "10.91.0.3"));
    assertFalse(pings(desk, "10.90.0.2"));
    // Nor do guests reach the mesh itself, or another node through it.
    assertFalse(pings(web, "10.42.0.1"));
    assertFalse(pings(web, "10.42.0.2"));
  }

  @Test
  void overlay_withoutTheMesh_connectsNobody() throws Exception {
    rig.guest(1, 1, "10.90.0.2");
    Map<String, String> wrong = rig.apply(List.of(LAB), List.of(WEB), List.of());
    assertTrue(String.valueOf(wrong.get("n1/lab")).contains("no address in the mesh"), "" + wrong);
    String tap = "ip -o link show " + PortPlan.tapOf(Samples.uid(1));
    assertFalse(rig.node(1).host.run(tap).contains("master"));
    assertEquals(Map.of(), rig.apply(List.of(LAB), List.of(WEB), rig.peers(1, 2)));
    assertTrue(rig.node(1).host.run(tap).contains("master otvb1000"));
    // A device that is too narrow for whole packets is told, not worked around.
    ObjectNode wide = LAB.deepCopy();
    ((ObjectNode) wide.path("status")).put("mtu", 8000L);
    wrong = rig.apply(List.of(wide), List.of(WEB), rig.peers(1, 2));
    assertTrue(String.valueOf(wrong.get("n1/lab")).contains("up0 has MTU 1500"), "" + wrong);
  }

  @Test
  void guest_isToldWhatItNeeds_andReachesTheOutside() throws Exception {
    Namespace web = rig.guest(1, 1);
    Namespace db = rig.guest(2, 2, "10.90.0.3");
    rig.guest(2, 3, "10.91.0.3");
    List<ObjectNode> ports = List.of(WEB, DB, DESK);
    assertEquals(Map.of(), rig.apply(List.of(LAB, OFFICE), ports, rig.peers(1, 2)));
    String lease = HostNetworkTest.lease(web);
    for (String each :
        List.of(
            "ip=10.90.0.2",
            "subnet=255.255.255.0",
            "mtu=1390",
            "dns=169.254.1.1",
            "serverid=169.254.1.1",
            "domain=lab.otherix.internal",
            "staticroutes=169.254.1.1/32 0.0.0.0 0.0.0.0/0 169.254.1.1")) {
      assertTrue(lease.contains(each), each + " in " + lease);
    }
    assertFalse(lease.contains("router="), lease);
    web.run("ip link set eth0 mtu 1390; ip addr add 10.90.0.2/24 dev eth0");
    web.run("ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1");
    assertTrue(pings(web, OverlayRig.WORLD));
    assertTrue(pings(db, OverlayRig.WORLD));
    String gateway = web.run("ip neigh show 169.254.1.1");
    assertTrue(gateway.contains(NetworkPlan.macOf("lab")), gateway);
    // Two networks have a machine of this name, and the nodes one address for both.
    String found = web.run("busybox nslookup -type=a db 169.254.1.1");
    assertTrue(found.contains("10.90.0.3") && !found.contains("10.91"), found);
  }

  @Test
  void node_joinsChangesItsKeyAndLeaves() throws Exception {
    rig.add(3);
    Namespace web = rig.guest(1, 1, "10.90.0.2");
    Namespace cache = rig.guest(3, 4, "10.90.0.4");
    ObjectNode port = Samples.port(4, "cache", "lab", "10.90.0.4", "n3");
    List<ObjectNode> ports = List.of(WEB, DB, port);
    OverlayRig.Node first = rig.node(1);
    assertEquals(Map.of(), rig.apply(List.of(LAB), ports, rig.peers(1, 2, 3)));
    awaitPing(web, "10.90.0.4");
    String before = rig.node(3).agent().publicKey();
    rig.node(3).restartWithOtherKey();
    String after = rig.node(3).agent().publicKey();
    assertNotEquals(before, after);
    assertEquals(Map.of(), rig.apply(List.of(LAB), ports, rig.peers(1, 2, 3)));
    assertFalse(first.host.run("wg show otwg0 peers").contains(before));
    awaitPing(web, "10.90.0.4");
    assertEquals(Map.of("lab", ""), first.agent().apply(List.of(LAB), ports, rig.peers(1, 2)));
    assertFalse(pings(web, "10.90.0.4"));
    assertFalse(first.host.run("wg show otwg0 peers").contains(after));
    String entries = first.host.run("bridge fdb show dev otvx1000; ip neigh show dev otvb1000");
    assertFalse(entries.contains("10.42.0.3"), entries);
    assertFalse(pings(cache, "10.90.0.2"));
  }

  @Test
  void nodes_thatNobodyReaches_speakThroughTheRelay() throws Exception {
    rig.addHidden(4);
    rig.addHidden(5);
    Namespace web = rig.guest(4, 1, "10.90.0.2");
    rig.guest(5, 2, "10.90.0.3");
    rig.guest(2, 4, "10.90.0.4");
    List<ObjectNode> ports =
        List.of(
            Samples.port(1, "web", "lab", "10.90.0.2", "n4"),
            Samples.port(2, "db", "lab", "10.90.0.3", "n5"),
            Samples.port(4, "cache", "lab", "10.90.0.4", "n2"));
    List<ObjectNode> peers = rig.peers(1, 2, 4, 5);
    assertEquals(Map.of(), rig.apply(List.of(LAB), ports, peers));
    awaitPing(web, "10.90.0.4");
    assertFalse(pings(web, "10.90.0.3"));
    Samples.relay(peers.getFirst());
    assertEquals(Map.of(), rig.apply(List.of(LAB), ports, peers));
    awaitPing(web, "10.90.0.3");
    assertTrue(pings(web, "-M do -s 1362 10.90.0.3"));
    assertTrue(pings(web, "10.90.0.4"));
    String known = rig.node(4).host.run("wg show otwg0 peers");
    assertFalse(known.contains(rig.node(5).agent().publicKey()), known);
    // Nothing but overlays' packets goes through it.
    assertFalse(pings(rig.node(4).host, "10.42.0.5"));
    // What is as it should be is not configured again, which would be seen here.
    String before = rig.node(4).kernel();
    assertEquals(Map.of(), rig.apply(List.of(LAB), ports, peers));
    assertEquals(before, rig.node(4).kernel());
  }

  @Test
  void packets_besideTheMesh_areDropped() throws Exception {
    Namespace web = rig.guest(1, 1, "10.90.0.2");
    assertEquals(Map.of(), rig.apply(List.of(LAB), List.of(WEB), rig.peers(1, 2)));
    rig.world()
        .run(
            "ip link add vx0 type vxlan id 1000 remote 198.51.100.1 dstport 4789;"
                + " ip addr add 10.90.0.66/24 dev vx0; ip link set vx0 up;"
                + " ip neigh add 10.90.0.2 lladdr "
                + Samples.mac(1)
                + " dev vx0");
    web.run(
        "nft add table ip t; nft add chain ip t c '{ type filter hook prerouting priority 0; }';"
            + " nft add rule ip t c ip saddr 10.90.0.66 counter");
    assertFalse(pings(rig.world(), "-I 10.90.0.66 10.90.0.2"));
    assertTrue(web.run("nft list table ip t").contains("packets 0 bytes 0"));
    String rules = rig.node(1).host.run("nft list chain ip otherix input");
    assertTrue(rules.lines().anyMatch(each -> each.contains("4789") && !each.contains(" 0 bytes")));
  }

  @Test
  void drift_isRepaired() throws Exception {
    Namespace web = rig.guest(1, 1, "10.90.0.2");
    rig.guest(2, 2, "10.90.0.3");
    List<ObjectNode> peers = rig.peers(1, 2);
    rig.apply(List.of(LAB), List.of(WEB, DB), peers);
    awaitPing(web, "10.90.0.3");
    OverlayRig.Node first = rig.node(1);
    String good = first.kernel();
    for (String each :
        List.of(
            "ip link del otwg0",
            "ip link del otvx1000",
            "ip link del otvb1000",
            "ip link set otwg0 down",
            "ip addr flush dev otwg0",
            "ip addr flush dev otvb1000",
            "ip link set otvx1000 nomaster",
            "ip link set otvx1000 type bridge_slave learning on flood on",
            "wg set otwg0 peer " + rig.node(2).agent().publicKey() + " remove",
            "bridge fdb del " + Samples.mac(2) + " dev otvx1000 dst 10.42.0.2 self",
            "bridge fdb del " + Samples.mac(2) + " dev otvx1000 master",
            "bridge fdb add 02:00:00:00:00:77 dev otvx1000 dst 10.42.0.9 self",
            "ip neigh del 10.90.0.3 dev otvb1000")) {
      first.host.run(each);
      assertEquals(
          Map.of("lab", ""), first.agent().apply(List.of(LAB), List.of(WEB, DB), peers), each);
      assertEquals(good, first.kernel(), each);
      awaitPing(web, "10.90.0.3");
      assertFalse(first.host.run("bridge fdb show").contains("00:77"), each);
      assertTrue(first.host.run("ip neigh show dev otvb1000").contains("10.90.0.3"), each);
    }
  }

  @Test
  void agent_thatIsKilledWhileItWorks_leavesNothingThatIsNotRepairedOrRemoved() throws Exception {
    Namespace web = rig.guest(1, 1, "10.90.0.2");
    rig.guest(2, 2, "10.90.0.3");
    OverlayRig.Node first = rig.node(1);
    String before = first.kernel();
    List<ObjectNode> peers = rig.peers(1, 2);
    rig.node(2).agent().apply(List.of(LAB), List.of(WEB, DB), peers);
    for (String sign : List.of("otherix", "otwg0", "otvb1000", "otvx1000")) {
      first.agent().send(List.of(LAB), List.of(WEB, DB), peers);
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> first.host.run("ip -o link; nft list tables").contains(sign));
      first.restart();
      assertEquals(Map.of("lab", ""), first.agent().apply(List.of(LAB), List.of(WEB, DB), peers));
      awaitPing(web, "10.90.0.3");
      first.restart();
      // A bridge with something connected would stay.
      first.host.run("ip link set " + PortPlan.tapOf(Samples.uid(1)) + " nomaster");
      first.agent().apply(List.of(), List.of(), peers);
      await().atMost(PATIENCE).untilAsserted(() -> assertEquals(before, first.kernel(), sign));
    }
  }

  @Test
  void device_ofSomebodyElse_isNotTouched() throws Exception {
    OverlayRig.Node first = rig.node(1);
    first.host.run("ip link add otwg0 type bridge; ip link set otwg0 up");
    String before = first.kernel();
    Map<String, String> wrong = rig.apply(List.of(LAB), List.of(), rig.peers(1, 2));
    assertTrue(String.valueOf(wrong.get("n1/lab")).contains("not ours"), "" + wrong);
    rig.apply(List.of(), List.of(), List.of());
    assertEquals(before, first.kernel());
  }
}
