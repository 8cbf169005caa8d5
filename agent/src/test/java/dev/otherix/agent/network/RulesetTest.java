package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class RulesetTest {
  private static final ObjectNode LAB = Samples.nat("lab", "lab0", "192.168.90.0/24");
  private static final ObjectNode WEB = Samples.port(1, "web", "lab", "192.168.90.2");
  private static final ObjectNode DB = Samples.port(2, "db", "lab", "192.168.90.3");

  private static Ruleset ruleset(List<ObjectNode> networks, ObjectNode... ports) {
    return Ruleset.of(Samples.plan(networks, List.of(ports)));
  }

  @Test
  void since_samePlan_isNothing() {
    Ruleset one = ruleset(List.of(LAB), WEB, DB);
    Ruleset other = ruleset(List.of(LAB), DB, WEB);
    assertTrue(one.same(other));
    assertEquals("", one.since(other));
  }

  @Test
  void since_onePortMore_namesThatPortOnly() {
    Ruleset before = ruleset(List.of(LAB), WEB);
    Ruleset after = ruleset(List.of(LAB), WEB, DB);
    String more = after.since(before);
    assertTrue(more.contains("add element bridge otherix macs"), more);
    assertTrue(more.contains(Samples.mac(2)), more);
    assertFalse(more.contains(Samples.mac(1)), more);
    String less = before.since(after);
    assertEquals(more.replace("add element", "delete element"), less);
  }

  @Test
  void since_otherNetwork_isEverything() {
    Ruleset before = ruleset(List.of(LAB), WEB);
    ObjectNode office = Samples.nat("office", "office0", "192.168.91.0/24");
    Ruleset after = ruleset(List.of(LAB, office), WEB);
    assertFalse(after.same(before));
    assertEquals(after.whole(), after.since(before));
  }

  @Test
  void whole_machineWithTheGatewaysAddress_isNotLetThroughAtOnce() {
    ObjectNode thief = Samples.port(3, "thief", "lab", "192.168.90.1");
    String text = ruleset(List.of(LAB), WEB, thief).whole();
    String wholes =
        text.lines()
            .filter(line -> line.startsWith("add element bridge otherix wholes"))
            .findFirst()
            .orElseThrow();
    assertTrue(wholes.contains(Samples.mac(1) + " . 192.168.90.2"), wholes);
    assertFalse(wholes.contains(Samples.mac(3)), wholes);
  }
}
