package dev.otherix.agent.network;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// IPv6 on a host in a namespace; the guests' side is the kernel's own.
@Tag("slow")
final class Ipv6Test {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String PREFIX = "fd01:2:3:4";
  private static final String OTHER = "fd01:2:3:5";
  private static final ObjectNode LAB = lab();
  private static final ObjectNode OFFICE =
      Samples.withIpv6(Samples.nat("office", "office0", "192.168.91.0/24"), OTHER);
  private static final ObjectNode WEB = port(1, "web", "lab", "192.168.90.2", PREFIX);
  private static final ObjectNode DB = port(2, "db", "lab", "192.168.90.3", PREFIX);
  private static final ObjectNode DESK = port(3, "desk", "office", "192.168.91.2", OTHER);
  private static final String WEB_AT = Samples.sixOf(1, PREFIX);
  private static final String DB_AT = Samples.sixOf(2, PREFIX);
  private static final String WORLD = "2001:db8::1";
  private static final Map<String, String> GOOD = Map.of("lab", "", "office", "");

  @TempDir private Path temp;
  private final List<Namespace> guests = new ArrayList<>();
  private Namespace host;
  private Namespace world;
  private HostChild child;

  private static ObjectNode lab() {
    ObjectNode lab = Samples.withIpv6(Samples.nat("lab", "lab0", "192.168.90.0/24"), PREFIX);
    ((ObjectNode) lab.path("spec")).put("mtu", 1400L);
    return lab;
  }

  private static ObjectNode port(
      int number, String vm, String network, String address, String prefix) {
    return Samples.withIpv6(Samples.port(number, vm, network, address), number, prefix);
  }

  @BeforeEach
  void start() throws Exception {
    host = Namespace.open();
    world = Namespace.open();
    host.join("up0", world, "down0");
    host.run("ip addr add 198.51.100.2/24 dev up0; ip route add default via 198.51.100.1");
    host.run("ip addr add 2001:db8::2/64 dev up0 nodad; ip -6 route add default via " + WORLD);
    world.run("ip addr add 198.51.100.1/24 dev down0; ip addr add 2001:db8::1/64 dev down0 nodad");
    child = HostChild.start(host, temp, Files.writeString(temp.resolve("resolv"), ""));
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

  private Namespace guest(int number) throws Exception {
    Namespace guest = Namespace.open();
    guests.add(guest);
    host.run(
        "ip link add %s type veth peer name eth0 netns %s"
            .formatted(PortPlan.tapOf(Samples.uid(number)), guest.name()));
    guest.run("ip link set eth0 address " + Samples.mac(number) + " up");
    return guest;
  }

  /// Until the guest's kernel has made its address, and knows that nobody else has it.
  static void awaitAddress(Namespace guest, String address) {
    await()
        .atMost(PATIENCE)
        .until(() -> guest.run("ip -6 -o addr show dev eth0 -tentative").contains(address + "/64"));
  }

  private static boolean pings(Namespace from, String to) throws Exception {
    return from.attempt("ping -6 -c 1 -W 2 " + to).code() == 0;
  }

  private String kernel() throws Exception {
    return host.run(
        "ip -o link | sed 's/@.*//' | awk '{print $2}' | sort; ip -6 -o addr | awk '{print $2,$4}';"
            + " nft -s list ruleset | sed '/set flows/,/}/d';"
            + " cat /proc/sys/net/ipv6/conf/all/forwarding"
            + " /proc/sys/net/ipv6/conf/up0/accept_ra; ip -6 route show default dev up0");
  }

  @Test
  void guests_makeTheirAddresses_reachEachOtherAndTheOutside_andFindNames() throws Exception {
    String before = kernel();
    Namespace web = guest(1);
    Namespace db = guest(2);
    Namespace desk = guest(3);
    List<ObjectNode> ports = List.of(WEB, DB, DESK);
    assertEquals(GOOD, child.apply(List.of(LAB, OFFICE), ports));
    awaitAddress(web, WEB_AT);
    awaitAddress(db, DB_AT);
    awaitAddress(desk, Samples.sixOf(3, OTHER));
    assertTrue(web.run("ip -6 route show default").contains("via fe80::1"));
    assertEquals("1400", web.run("cat /proc/sys/net/ipv6/conf/eth0/mtu").strip());
    assertTrue(pings(web, DB_AT));
    assertTrue(pings(web, "fe80::1%eth0"));
    assertTrue(pings(web, WORLD), "as the host, whose address the world knows");
    // Another network is not reached, and the host nowhere but at the gateway's addresses.
    assertTrue(pings(desk, WORLD));
    assertFalse(pings(desk, WEB_AT));
    assertFalse(pings(web, "2001:db8::2"));
    assertFalse(pings(web, OTHER + "::1"));
    // Nobody outside begins a conversation.
    world.run("ip -6 route add fd00::/8 via 2001:db8::2");
    assertFalse(pings(world, WEB_AT));
    assertTrue(pings(host, WEB_AT));
    web.run("ip addr add 192.168.90.2/24 dev eth0");
    String found = web.run("busybox nslookup -type=aaaa db 192.168.90.1");
    assertTrue(found.contains(DB_AT), found);
    // The host's own way out, and everything else, are as before when nobody needs this any more.
    for (Namespace each : guests) {
      each.close();
    }
    guests.clear();
    child.apply(List.of(), List.of());
    assertEquals(before, kernel());
  }

  @Test
  void guest_thatPretendsToBeAnother_isNotHeard() throws Exception {
    Namespace web = guest(1);
    Namespace db = guest(2);
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), List.of(WEB, DB)));
    awaitAddress(web, WEB_AT);
    awaitAddress(db, DB_AT);
    assertTrue(pings(web, "-I " + WEB_AT + " " + DB_AT));
    web.run("ip -6 addr add " + PREFIX + "::77/64 dev eth0 nodad");
    assertFalse(pings(web, "-I " + PREFIX + "::77 " + DB_AT));
    assertFalse(pings(db, PREFIX + "::77"));
    // Says that the gateway's address, or another's, is its own; that it is a router; that another
    // router is better; asks whether another's address is free, as who wants it.
    String own = hex(Ip6.linkLocal(Samples.mac(1)));
    String all = "333300000001" + Samples.mac(1) + "86dd6000000000";
    String to = "3aff" + own + hex(Ip6.EVERYBODY);
    String nameless = "3aff" + "0".repeat(32) + hex(Ip6.EVERYBODY);
    int code =
        web.startJava(
                FrameChild.class,
                "eth0",
                all + "18" + to + "8800000020000000" + hex(Ip6.GATEWAY),
                all + "18" + to + "8800000020000000" + hex(Ip6.of(DB_AT)),
                all + "10" + to + "86000000400007080000000000000000",
                all + "28" + to + "8900000000000000" + hex(Ip6.GATEWAY) + hex(Ip6.of(DB_AT)),
                all + "18" + nameless + "8700000000000000" + hex(Ip6.of(DB_AT)))
            .waitFor();
    assertEquals(0, code);
    String counted =
        host.run(
            "nft list chain bridge otherix guests; nft list chain bridge otherix guests_of_six");
    for (Map.Entry<String, Integer> each :
        Map.of(
                "nd-neighbor-advert", 2,
                "icmpv6 type nd-router-advert", 1,
                "nd-redirect", 1,
                "nd-neighbor-solicit iifname", 1)
            .entrySet()) {
      String count = "packets " + each.getValue() + " bytes";
      assertTrue(
          counted.lines().anyMatch(line -> line.contains(each.getKey()) && line.contains(count)),
          each + counted);
    }
    assertTrue(pings(db, WORLD));
  }

  private static String hex(Ip6 address) {
    return address.hex().substring(2);
  }

  @Test
  void hostWithoutAWayOut_offersNone_untilItHasOne() throws Exception {
    host.run("ip -6 route del default");
    Namespace web = guest(1);
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), List.of(WEB)));
    awaitAddress(web, WEB_AT);
    assertEquals("", web.run("ip -6 route show default"));
    assertEquals("0", host.run("cat /proc/sys/net/ipv6/conf/all/forwarding").strip());
    host.run("sysctl -q -w net.ipv6.conf.up0.accept_ra=1; ip -6 route add default via " + WORLD);
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), List.of(WEB)));
    await().atMost(PATIENCE).until(() -> pings(web, WORLD));
    assertEquals("2", host.run("cat /proc/sys/net/ipv6/conf/up0/accept_ra").strip());
    host.run("ip -6 route del default");
    assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), List.of(WEB)));
    await().atMost(PATIENCE).until(() -> web.run("ip -6 route show default").isEmpty());
    assertEquals("1", host.run("cat /proc/sys/net/ipv6/conf/up0/accept_ra").strip());
  }

  @Test
  void drift_isRepaired() throws Exception {
    Namespace web = guest(1);
    child.apply(List.of(LAB), List.of(WEB));
    awaitAddress(web, WEB_AT);
    String good = kernel();
    for (String each :
        List.of(
            "ip addr del fe80::1/64 dev lab0",
            "ip addr add 2001:db8:9::1/64 dev lab0 nodad",
            "sysctl -q -w net.ipv6.conf.lab0.disable_ipv6=1",
            "nft delete table ip6 otherix",
            "nft flush chain bridge otherix guests_of_six",
            "sysctl -q -w net.ipv6.conf.all.forwarding=0",
            "ip link del lab0")) {
      host.run(each);
      assertEquals(Map.of("lab", ""), child.apply(List.of(LAB), List.of(WEB)), each);
      assertEquals(good, kernel(), each);
    }
    assertTrue(pings(web, WORLD));
  }

  @Test
  void securityRules_holdForIpv6Too() throws Exception {
    Namespace web = guest(1);
    Namespace db = guest(2);
    child.apply(List.of(LAB), List.of(WEB, DB));
    awaitAddress(web, WEB_AT);
    awaitAddress(db, DB_AT);
    Process listening = db.startJava(EchoChild.class, "80", "81", "8005");
    assertEquals("ready", listening.inputReader().readLine());
    String port = "\"direction\": \"ingress\", \"protocol\": \"tcp\", \"ports\": [{\"from\": 80}]";
    String from = port + ", \"cidrs\": [\"10.0.0.0/8\", \"%s/128\"]";
    for (Map.Entry<String, Boolean> each :
        Map.of(port, true, from.formatted(WEB_AT), true, from.formatted(DB_AT), false).entrySet()) {
      ObjectNode rule = Samples.rule("some", "db", each.getKey());
      assertEquals(
          Map.of("lab", ""), child.applyRules(List.of(LAB), List.of(WEB, DB), List.of(rule)));
      if (each.getValue()) {
        await().atMost(PATIENCE).until(() -> talks(web));
      } else {
        assertFalse(talks(web), each.getKey());
      }
      assertFalse(pings(web, DB_AT), each.getKey());
      assertTrue(pings(db, WEB_AT), each.getKey());
    }
    ObjectNode echo =
        Samples.rule(
            "echo",
            "db",
            "\"direction\": \"ingress\", \"protocol\": \"icmp\", \"cidrs\": [\"::/0\"]");
    child.applyRules(List.of(LAB), List.of(WEB, DB), List.of(echo));
    assertTrue(pings(web, DB_AT));
    assertFalse(talks(web));
  }

  private static boolean talks(Namespace from) throws Exception {
    String talk = "echo hello | timeout 2 busybox nc " + DB_AT + " 80";
    return from.attempt(talk).output().contains("hello");
  }
}
