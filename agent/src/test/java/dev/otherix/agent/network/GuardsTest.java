package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Two guests and the host between them, which is their gateway to an outside.
@Tag("slow")
final class GuardsTest {
  private static final ObjectNode LAB = Samples.nat("lab", "lab0", "192.168.90.0/24");
  private static final ObjectNode WEB = Samples.port(1, "web", "lab", "192.168.90.2");
  private static final ObjectNode DB = Samples.port(2, "db", "lab", "192.168.90.3");
  private static final String WEB_AT = "192.168.90.2";
  private static final String DB_AT = "192.168.90.3";
  private static final String NOBODY = " \"cidrs\": [\"10.0.0.0/32\"]";

  @TempDir private Path temp;
  private Namespace host;
  private Namespace web;
  private Namespace db;
  private HostChild child;

  @BeforeEach
  void start() throws Exception {
    host = Namespace.open();
    web = guest(1, WEB_AT);
    db = guest(2, DB_AT);
    child = HostChild.start(host, temp, Files.writeString(temp.resolve("resolv"), ""));
    for (Namespace each : List.of(web, db)) {
      Process echo = each.startJava(EchoChild.class, "80", "81", "8005");
      assertEquals("ready", echo.inputReader().readLine());
    }
  }

  private Namespace guest(int number, String address) throws Exception {
    Namespace guest = Namespace.open();
    host.join(PortPlan.tapOf(Samples.uid(number)), guest, "eth0");
    guest.run("ip link set eth0 address " + Samples.mac(number));
    guest.run("ip addr add " + address + "/24 dev eth0; ip route add default via 192.168.90.1");
    return guest;
  }

  @AfterEach
  void stop() throws Exception {
    web.close();
    db.close();
    host.close();
  }

  private void apply(ObjectNode... rules) throws Exception {
    assertEquals(
        Map.of("lab", ""), child.applyRules(List.of(LAB), List.of(WEB, DB), List.of(rules)));
  }

  private static boolean talks(Namespace from, String to, int port) throws Exception {
    return from.attempt("echo hello | timeout 2 busybox nc -w 1 " + to + " " + port)
        .output()
        .contains("hello");
  }

  private static boolean pings(Namespace from, String to) throws Exception {
    return from.attempt("ping -c 1 -W 1 " + to).code() == 0;
  }

  @Test
  void ingress_onlyWhatARuleLetsPass_andAnswers() throws Exception {
    apply();
    assertTrue(talks(db, WEB_AT, 81));
    ObjectNode http =
        Samples.rule(
            "web-http",
            "web",
            "\"direction\": \"ingress\", \"protocol\": \"tcp\","
                + " \"ports\": [{\"from\": 80}, {\"from\": 8000, \"to\": 8010}, {\"from\": 8005}]");
    apply(http);
    assertTrue(talks(db, WEB_AT, 80));
    assertTrue(talks(db, WEB_AT, 8005));
    assertFalse(talks(db, WEB_AT, 81));
    assertFalse(pings(db, WEB_AT));
    // What it begins itself is answered, and others are not bound.
    assertTrue(pings(web, DB_AT));
    assertTrue(talks(web, DB_AT, 81));
    String counted = host.run("nft list table bridge otherix_rules");
    assertTrue(
        counted
            .lines()
            .anyMatch(each -> each.contains("\"web-http\"") && !each.contains("packets 0")),
        counted);
    // Without the rule everything passes again, and the table goes.
    apply();
    assertTrue(talks(db, WEB_AT, 81));
    assertFalse(host.run("nft list tables").contains("otherix_rules"));
  }

  @Test
  void node_reachesPortsOfGuests_pastTheirRules_andNobodyElseOnItDoes() throws Exception {
    apply();
    assertEquals("hello", child.talk("web", 80));
    String closed = child.talk("web", 82);
    assertTrue(closed.startsWith("503 port 82 of web: the guest refused"), closed);
    ObjectNode nothing = Samples.rule("a", "web", "\"direction\": \"ingress\"," + NOBODY);
    ObjectNode neither = Samples.rule("b", "web", "\"direction\": \"egress\"," + NOBODY);
    apply(nothing, neither);
    assertFalse(talks(host, WEB_AT, 80));
    assertEquals("hello", child.talk("web", 80));
    // The next conversation needs a door of its own, and changed rules are still found to be ours.
    assertFalse(talks(host, WEB_AT, 80));
    apply(nothing, neither);
    assertEquals("hello", child.talk("web", 81));
    assertFalse(talks(db, WEB_AT, 80));
    ObjectNode gone = Samples.port(3, "gone", "lab", "192.168.90.9");
    child.apply(List.of(LAB), List.of(WEB, gone));
    String silent = child.talk("gone", 22);
    assertTrue(silent.startsWith("503 port 22 of gone: "), silent);
    String unknown = child.talk("none", 22);
    assertTrue(unknown.startsWith("409 port 22 of none: it has no interface"), unknown);
    ObjectNode bare = Samples.network("bare", "\"managed\": true, \"bridgeName\": \"bare0\"");
    ObjectNode away = Samples.port(4, "away", "bare", "10.7.0.2");
    assertEquals(Map.of("bare", ""), child.apply(List.of(bare), List.of(away)));
    String unserved = child.talk("away", 22);
    assertTrue(unserved.contains("its node has no address on network bare"), unserved);
  }

  @Test
  void ingress_fromSomeOnly_keepsOthersOut() throws Exception {
    String members = "\"direction\": \"ingress\", \"cidrs\": [";
    apply(Samples.rule("a", "web", members + "\"192.168.90.3/32\", \"192.168.90.0/24\"]"));
    assertTrue(talks(db, WEB_AT, 80));
    apply(Samples.rule("a", "web", members + "\"10.0.0.0/8\"]"));
    assertFalse(talks(db, WEB_AT, 80));
    assertFalse(pings(host, WEB_AT), "the host is one of the others");
    apply(Samples.rule("a", "web", members + "\"0.0.0.0/0\"]"));
    assertTrue(talks(db, WEB_AT, 80));
  }

  @Test
  void egress_onlyWhatARuleLetsPass_andDhcpAndDns() throws Exception {
    String members = "\"direction\": \"egress\", \"protocol\": ";
    apply(
        Samples.rule("a", "web", members + "\"icmp\""),
        Samples.rule(
            "b",
            "web",
            members + "\"tcp\", \"ports\": [{\"from\": 81}], \"cidrs\": [\"192.168.90.3/32\"]"));
    assertTrue(pings(web, DB_AT));
    assertTrue(talks(web, DB_AT, 81));
    assertFalse(talks(web, DB_AT, 80));
    assertTrue(talks(db, WEB_AT, 80), "answers pass");
    String lease = HostNetworkTest.lease(web);
    assertTrue(lease.contains("ip=" + WEB_AT), lease);
    String found = web.run("busybox nslookup -type=a db 192.168.90.1");
    assertTrue(found.contains(DB_AT), found);
  }

  @Test
  void conversation_goesOnWhenRulesChange() throws Exception {
    ObjectNode first = Samples.rule("a", "web", "\"direction\": \"egress\", \"protocol\": \"tcp\"");
    apply(first);
    Process talk = web.start("busybox", "nc", DB_AT, "80");
    var out = talk.outputWriter();
    var in = talk.inputReader();
    out.write("one\n");
    out.flush();
    assertEquals("one", in.readLine());
    // Nobody may begin anything any more; what goes on goes on.
    apply(
        Samples.rule("a", "web", "\"direction\": \"egress\", \"protocol\": \"icmp\""),
        Samples.rule("b", "web", "\"direction\": \"ingress\", \"protocol\": \"icmp\""));
    out.write("two\n");
    out.flush();
    assertEquals("two", in.readLine());
    assertFalse(talks(web, DB_AT, 80));
  }
}
