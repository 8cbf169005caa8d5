package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// A host in a namespace, with guests and an outside in others. A guest's end of a pair stands
/// where a machine's tap would.
@Tag("slow")
final class HostNetworkTest {
  private static final ObjectNode LAB = Samples.nat("lab", "lab0", "192.168.90.0/24");
  private static final ObjectNode OFFICE = Samples.nat("office", "office0", "192.168.91.0/24");
  private static final ObjectNode WEB = Samples.port(1, "web", "lab", "192.168.90.2");
  private static final ObjectNode DB = Samples.port(2, "db", "lab", "192.168.90.3");
  private static final ObjectNode DESK = Samples.port(3, "desk", "office", "192.168.91.2");

  @TempDir private Path temp;
  private final List<Namespace> guests = new ArrayList<>();
  private Namespace host;
  private Namespace world;
  private HostChild child;

  @BeforeEach
  void start() throws Exception {
    host = Namespace.open();
    world = Namespace.open();
    host.join("up0", world, "down0");
    host.run("ip addr add 198.51.100.2/24 dev up0; ip route add default via 198.51.100.1");
    world.run("ip addr add 198.51.100.1/24 dev down0");
    Path resolver = Files.writeString(temp.resolve("resolv"), "nameserver 198.51.100.1\n");
    child = HostChild.start(host, temp, resolver);
  }

  @AfterEach
  void stop() throws Exception {
    for (Namespace each : guests) {
      each.close();
    }
    if (world != null) {
      world.close();
    }
    if (host != null) {
      host.close();
    }
  }

  /// A guest that is not connected yet; its host's end has the tap's name.
  private Namespace guest(int number) throws Exception {
    Namespace guest = Namespace.open();
    guests.add(guest);
    host.join(PortPlan.tapOf(Samples.uid(number)), guest, "eth0");
    guest.run("ip link set eth0 address " + Samples.mac(number));
    return guest;
  }

  private Namespace guest(int number, String address, String gateway) throws Exception {
    Namespace guest = guest(number);
    guest.run("ip addr add " + address + "/24 dev eth0; ip route add default via " + gateway);
    return guest;
  }

  private static boolean pings(Namespace from, String to) throws Exception {
    return from.attempt("ping -c 1 -W 2 " + to).code() == 0;
  }

  static String lease(Namespace guest) throws Exception {
    return guest.run(
        "printf '#!/bin/sh\\nenv\\n' > /tmp/$$.lease; chmod 755 /tmp/$$.lease;"
            + " busybox udhcpc -f -q -n -t 3 -T 1 -i eth0 -s /tmp/$$.lease"
            + " -O 26 -O 121 -O 12 -O 15 -O 6 2>&1; code=$?; rm /tmp/$$.lease; exit $code");
  }

  private String kernel() throws Exception {
    return host.run(
        "ip -o link | sed 's/@.*//' | awk '{print $2}' | sort; ip -4 -o addr | awk '{print $2,$4}';"
            + " nft -s list ruleset; cat /proc/sys/net/ipv4/ip_forward");
  }

  @Test
  void dhcp_guest_hearsEverythingItNeeds() throws Exception {
    Namespace guest = guest(1);
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), List.of(WEB)));
    String lease = lease(guest);
    for (String each :
        List.of(
            "ip=192.168.90.2",
            "subnet=255.255.255.0",
            "router=192.168.90.1",
            "dns=192.168.90.1",
            "hostname=web",
            "domain=lab.otherix.internal",
            "mtu=1500",
            "lease=3600",
            "staticroutes=0.0.0.0/0 192.168.90.1",
            "serverid=192.168.90.1")) {
      assertTrue(lease.contains(each), each + " in " + lease);
    }
  }

  @Test
  void taps_manyAtOnce_andOneMore_areThere_andGo() throws Exception {
    List<ObjectNode> ports = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      ports.add(Samples.port(i, "vm" + i, "lab", "192.168.90." + (i + 1)));
    }
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), ports));
    assertEquals(20, taps().size());
    ports.add(Samples.port(21, "vm21", "lab", "192.168.90.22"));
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), ports));
    List<String> all = taps();
    assertEquals(21, all.size());
    for (String each : all) {
      assertTrue(each.contains("mtu 1500") && each.contains("alias otherix:vm"), each);
      assertTrue(each.contains("UP"), each);
    }
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), ports.subList(0, 1)));
    assertEquals(1, taps().size());
  }

  @Test
  void port_thatComesAlone_needsNoReadingOfEverything_andDriftIsSeenAtTheNextOne()
      throws Exception {
    List<ObjectNode> ports = new ArrayList<>(List.of(WEB));
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), ports));
    ports.add(DB);
    for (int i = 0; i < 2; i++) {
      assertEquals(Map.of("lab", ""), child.applyUnread(List.of(LAB), ports));
      assertEquals(2, taps().size());
    }
    host.run("ip link set lab0 down; ip link del " + PortPlan.tapOf(Samples.uid(1)));
    ports.add(Samples.port(4, "vm", "lab", "192.168.90.4"));
    assertEquals(Map.of("lab", ""), child.applyUnread(List.of(LAB), ports));
    assertEquals(2, taps().size());
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), ports));
    assertEquals(3, taps().size());
    assertTrue(host.run("ip -o link show lab0").contains("UP"));
    // What goes is read anew in any case.
    assertEquals(Map.of("lab", ""), child.applyUnread(List.of(LAB), ports.subList(1, 2)));
    assertEquals(1, taps().size());
  }

  private List<String> taps() throws Exception {
    return host.run("ip -o link show master lab0 type tun").lines().toList();
  }

  @Test
  void dhcp_guestThatIsNoPort_hearsNothing() throws Exception {
    Namespace stranger = guest(9);
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), List.of(WEB)));
    host.run("ip link set " + PortPlan.tapOf(Samples.uid(9)) + " master lab0 up");
    assertNotEquals(
        0, stranger.attempt("busybox udhcpc -f -q -n -t 2 -T 1 -i eth0 -s /bin/true").code());
  }

  @Test
  void nat_guest_reachesTheOutsideAsItsHost() throws Exception {
    Namespace web = guest(1, "192.168.90.2", "192.168.90.1");
    Namespace db = guest(2, "192.168.90.3", "192.168.90.1");
    child.apply(List.of(LAB), List.of(WEB, DB));
    assertTrue(pings(web, "192.168.90.1"), "gateway");
    assertTrue(pings(web, "192.168.90.3"), "neighbour");
    assertTrue(pings(db, "198.51.100.1"), "outside");
    assertEquals("1", host.run("cat /proc/sys/net/ipv4/ip_forward").strip());
    // Nobody outside begins a conversation with a guest.
    world.run("ip route add 192.168.90.0/24 via 198.51.100.2");
    assertFalse(pings(world, "192.168.90.2"));
    // Of the host, a guest reaches its gateway's services and nothing else.
    assertFalse(pings(web, "198.51.100.2"));
  }

  @Test
  void dns_guest_findsMachinesAndTheOutside() throws Exception {
    Namespace web = guest(1, "192.168.90.2", "192.168.90.1");
    Process server = world.startJava(NameServerChild.class, "198.51.100.1");
    assertEquals("ready", server.inputReader().readLine());
    child.apply(List.of(LAB), List.of(WEB, DB));
    for (String each : List.of("db.lab.otherix.internal", "db")) {
      String said = web.run("busybox nslookup -type=a " + each + " 192.168.90.1");
      assertTrue(said.contains("192.168.90.3"), said);
    }
    String reverse = web.run("busybox nslookup -type=ptr 3.90.168.192.in-addr.arpa 192.168.90.1");
    assertTrue(reverse.contains("db.lab.otherix.internal"), reverse);
    String missing =
        web.attempt("busybox nslookup -type=a no.lab.otherix.internal 192.168.90.1").output();
    assertTrue(missing.contains("NXDOMAIN"), missing);
    String outside = web.run("busybox nslookup -type=a outside.example 192.168.90.1");
    assertTrue(outside.contains("203.0.113.7"), outside);
    // The outside is gone, and what it said still holds.
    server.destroyForcibly().waitFor();
    String kept = web.run("busybox nslookup -type=a outside.example 192.168.90.1");
    assertTrue(kept.contains("203.0.113.7"), kept);
    Process again = world.startJava(NameServerChild.class, "198.51.100.1");
    assertEquals("ready", again.inputReader().readLine());
    // The same by TCP: length, id 1, recursion wanted, one question, A, IN.
    assertTrue(byConnection(web, "\\002db").contains("192 168 90 3"));
    assertTrue(byConnection(web, "\\002eg").contains("203 0 113 7"));
  }

  private static String byConnection(Namespace guest, String label) throws Exception {
    return guest.run(
        "printf '\\000\\024\\000\\001\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000"
            + label
            + "\\000\\000\\001\\000\\001' | timeout 5 busybox nc 192.168.90.1 53"
            + " | od -An -tu1 | tr -s ' \\n' ' '");
  }

  @Test
  void guest_thatPretendsToBeAnother_isNotHeard() throws Exception {
    Namespace web = guest(1, "192.168.90.2", "192.168.90.1");
    Namespace db = guest(2, "192.168.90.3", "192.168.90.1");
    child.apply(List.of(LAB), List.of(WEB, DB));
    assertTrue(pings(web, "192.168.90.3"));
    // Another's address, in packets and in ARP.
    web.run("ip addr add 192.168.90.77/24 dev eth0");
    assertFalse(pings(web, "-I 192.168.90.77 192.168.90.3"));
    db.run("ip neigh flush all");
    assertFalse(pings(db, "192.168.90.77"));
    // The gateway's.
    web.run("ip addr add 192.168.90.1/32 dev eth0");
    db.run("ip neigh flush all");
    web.run("busybox arping -U -c 2 -I eth0 -s 192.168.90.1 192.168.90.1 || true");
    assertTrue(pings(db, "192.168.90.1"));
    String gateway = db.run("ip neigh show 192.168.90.1");
    assertTrue(gateway.contains(NetworkPlan.macOf("lab")), gateway);
    // Another hardware address.
    assertTrue(pings(web, "-I 192.168.90.2 192.168.90.3"));
    web.run("ip link set eth0 address 02:00:00:00:00:99");
    assertFalse(pings(web, "-I 192.168.90.2 192.168.90.3"));
  }

  @Test
  void guest_thatHidesWhatItSendsBehindATag_isNotHeard() throws Exception {
    Namespace web = guest(1, "192.168.90.2", "192.168.90.1");
    Namespace db = guest(2, "192.168.90.3", "192.168.90.1");
    child.apply(List.of(LAB), List.of(WEB, DB));
    // Guests take tag 0 for none. An ARP answer for the gateway's address: without a tag, with one.
    String answer =
        "0001:0800:06:04:0002:%s:c0a85a01:%s:c0a85a03".formatted(Samples.mac(1), Samples.mac(2));
    String start = Samples.mac(2) + Samples.mac(1);
    assertEquals(
        0,
        web.startJava(
                FrameChild.class,
                "eth0",
                start + "0806" + answer,
                start + "81000000" + "0806" + answer)
            .waitFor());
    assertTrue(pings(db, "192.168.90.1"));
    String gateway = db.run("ip neigh show 192.168.90.1");
    assertTrue(gateway.contains(NetworkPlan.macOf("lab")), gateway);
    String counted = host.run("nft list chain bridge otherix guests");
    for (String each : List.of("8021q", "@gateways")) {
      assertTrue(
          counted.lines().anyMatch(line -> line.contains(each) && line.contains("packets 1 bytes")),
          counted);
    }
  }

  @Test
  void filter_changedMemberByMember_isAsIfMadeAtOnce() throws Exception {
    String prefix = "fd01:2:3:4";
    ObjectNode lab = Samples.withIpv6(LAB, prefix);
    List<ObjectNode> ports = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      String address = "192.168.90." + (i + 1);
      ports.add(Samples.withIpv6(Samples.port(i, "vm" + i, "lab", address), i, prefix));
    }
    assertEquals(Map.of("lab", ""), child.apply(List.of(lab), ports));
    String atOnce = host.run("nft -s list ruleset");
    assertEquals(Map.of("lab", ""), child.apply(List.of(lab), ports.subList(1, 2)));
    assertNotEquals(atOnce, host.run("nft -s list ruleset"));
    assertEquals(Map.of("lab", ""), child.apply(List.of(lab), ports.subList(1, 3)));
    assertEquals(Map.of("lab", ""), child.apply(List.of(lab), ports));
    assertEquals(sorted(atOnce), sorted(host.run("nft -s list ruleset")));
    // Nothing of it was taken for somebody else's change: such would be repaired by everything
    // anew.
    host.run("nft add table ip theirs");
    assertEquals(Map.of("lab", ""), child.apply(List.of(lab), ports));
  }

  /// Members of sets have no order.
  private static List<String> sorted(String rules) {
    return rules
        .replaceAll("[{},]|elements =", " ")
        .lines()
        .flatMap(each -> Arrays.stream(each.strip().split("\\s{2,}", -1)))
        .sorted()
        .toList();
  }

  @Test
  void networks_areSeparate() throws Exception {
    Namespace web = guest(1, "192.168.90.2", "192.168.90.1");
    Namespace desk = guest(3, "192.168.91.2", "192.168.91.1");
    child.apply(List.of(LAB, OFFICE), List.of(WEB, DESK));
    assertTrue(pings(desk, "198.51.100.1"));
    assertFalse(pings(web, "192.168.91.2"));
    assertFalse(pings(web, "192.168.91.1"));
    assertFalse(pings(desk, "192.168.90.2"));
  }

  @Test
  void network_thatIsDeleted_leavesNothing() throws Exception {
    String before = kernel();
    child.apply(List.of(LAB, OFFICE), List.of(Samples.port(4, "vm", "lab", "192.168.90.4")));
    assertNotEquals(before, kernel());
    child.apply(List.of(OFFICE), List.of());
    assertFalse(kernel().contains("lab0"));
    // The rest goes although the process that made it is gone.
    child.kill();
    child = HostChild.start(host, temp, temp.resolve("resolv"));
    child.apply(List.of(), List.of());
    assertEquals(before, kernel());
  }

  @Test
  void drift_isRepaired() throws Exception {
    Namespace web = guest(1, "192.168.90.2", "192.168.90.1");
    child.apply(List.of(LAB), List.of(WEB));
    String good = kernel();
    for (String each :
        List.of(
            "ip addr del 192.168.90.1/24 dev lab0",
            "ip addr add 10.9.9.9/24 dev lab0",
            "ip link del lab0",
            "ip link set lab0 down",
            "nft delete table bridge otherix",
            "nft flush chain ip otherix forward",
            "echo 0 > /proc/sys/net/ipv4/ip_forward")) {
      host.run(each);
      assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), List.of(WEB)));
      assertEquals(good, kernel(), each);
      assertTrue(pings(web, "198.51.100.1"), each);
    }
    String lease = lease(web);
    assertTrue(lease.contains("ip=192.168.90.2"), lease);
  }

  @Test
  void foreign_isNotTouched() throws Exception {
    host.run("ip link add lab0 type bridge; ip link add br9 type bridge; ip link set br9 up");
    host.run("nft add table ip theirs; nft add chain ip theirs c; ip tuntap add tap7 mode tap");
    host.run("ip link set tap7 master br9; sysctl -q -w net.ipv4.ip_forward=1");
    String before = kernel();
    Map<String, String> errors = child.apply(List.of(LAB), List.of());
    assertTrue(String.valueOf(errors.get("lab")).contains("not ours"), errors.toString());
    child.apply(List.of(), List.of());
    assertEquals(before, kernel());
  }

  @Test
  void unmanaged_bridgeOfTheOperator_isUsedAndLeft() throws Exception {
    ObjectNode plain =
        Samples.network(
            "plain",
            "\"managed\": false, \"egress\": \"none\", \"bridgeName\": \"br9\", \"mtu\": 1400");
    ObjectNode port = Samples.port(5, "vm", "plain", "");
    String missing = child.apply(List.of(plain), List.of(port)).get("plain");
    assertTrue(String.valueOf(missing).contains("no bridge br9"), missing);
    host.run("ip link add br9 type bridge; ip link set br9 up mtu 1500");
    String before = host.run("ip -o link show br9");
    assertEquals(Map.of("plain", ""), child.apply(List.of(plain), List.of(port)));
    String tap = PortPlan.tapOf(Samples.uid(5));
    assertTrue(host.run("ip -o link show " + tap).contains("master br9"));
    child.apply(List.of(), List.of());
    assertNotEquals(0, host.attempt("ip link show " + tap).code());
    assertEquals(flags(before), flags(host.run("ip -o link show br9")));
  }

  private static String flags(String link) {
    return link.replaceAll("NO-CARRIER,|,LOWER_UP|state [A-Z]+|link/ether [0-9a-f:]+", "");
  }

  @Test
  void network_thatCannotBeHere_saysWhy() throws Exception {
    ObjectNode taken = Samples.nat("taken", "taken0", "198.51.0.0/16");
    ObjectNode same = Samples.nat("same", "lab0", "192.168.95.0/24");
    ObjectNode over = Samples.nat("over", "over0", "192.168.90.128/25");
    Map<String, String> errors = child.apply(List.of(LAB, taken, same, over), List.of());
    Map<String, String> words =
        Map.of(
            "taken", "up0",
            "same", "belongs to network lab",
            "over", "overlaps with 192.168.90.0/24");
    words.forEach(
        (name, word) -> assertTrue(String.valueOf(errors.get(name)).contains(word), name + errors));
    assertEquals("", errors.get("lab"));
  }
}
