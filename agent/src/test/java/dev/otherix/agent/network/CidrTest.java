package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CidrTest {
  @Test
  void overlaps_anyTwo_isTheSameBothWays() {
    record Case(String one, String other, boolean overlap) {}
    for (Case each :
        List.of(
            new Case("10.0.0.0/8", "10.255.255.0/24", true),
            new Case("10.0.0.0/8", "11.0.0.0/8", false),
            new Case("192.168.90.0/24", "192.168.90.128/25", true),
            new Case("192.168.90.0/25", "192.168.90.128/25", false),
            new Case("0.0.0.0/0", "203.0.113.0/24", true))) {
      Cidr one = Cidr.of(each.one());
      Cidr other = Cidr.of(each.other());
      assertEquals(each.overlap(), one.overlaps(other), each.toString());
      assertEquals(each.overlap(), other.overlaps(one), each.toString());
    }
  }

  @Test
  void toString_whatWasRead_isTheSame() {
    for (String each : List.of("255.255.255.252/30", "128.0.0.0/8", "0.0.0.0/0")) {
      assertEquals(each, Cidr.of(each).toString());
    }
    assertEquals("255.255.254.0", Cidr.text(Cidr.of("10.0.0.0/23").mask()));
  }
}
