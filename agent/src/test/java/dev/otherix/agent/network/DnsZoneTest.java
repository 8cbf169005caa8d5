package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class DnsZoneTest {
  private static final int HEADER_BYTES = 12;

  private static DnsZone zone() {
    HostPlan plan =
        Samples.plan(
            List.of(Samples.nat("lab", "lab0", "192.168.90.0/24")),
            List.of(
                Samples.port(1, "web", "lab", "192.168.90.2"),
                Samples.port(2, "db", "office", "192.168.91.2"),
                Samples.port(3, "example.com", "lab", "192.168.90.3")));
    NetworkPlan network = plan.networks().get("lab");
    NetworkPlan.Served served = network == null ? null : network.served();
    if (network == null || served == null) {
      throw new IllegalStateException("the sample is served");
    }
    return DnsZone.of(network, served, plan);
  }

  @Test
  void answer_machineOnANetworkWithIpv6_hasThatAddressToo() {
    String prefix = "fd01:2:3:4";
    ObjectNode network = Samples.withIpv6(Samples.nat("lab", "lab0", "192.168.90.0/24"), prefix);
    ObjectNode port = Samples.withIpv6(Samples.port(1, "web", "lab", "192.168.90.2"), 1, prefix);
    HostPlan plan = Samples.plan(List.of(network), List.of(port));
    NetworkPlan lab = Objects.requireNonNull(plan.networks().get("lab"));
    DnsZone zone = DnsZone.of(lab, Objects.requireNonNull(lab.served()), plan);
    assertEndsWith(Ip6.of(prefix + ":0:ff:fe00:1").bytes(), zone, "web", DnsQuestion.AAAA);
    assertEndsWith(DhcpMessage.ofInt(Cidr.address("192.168.90.2")), zone, "web", DnsQuestion.A);
    String reverse = "1.0.0.0.0.0.e.f.f.f.0.0.0.0.0.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.d.f.ip6.arpa";
    byte[] name = DnsQuestion.encoded("web.lab.otherix.internal");
    assertEndsWith(name, zone, reverse, DnsQuestion.PTR);
    // Whose these are, others may know.
    for (String each :
        List.of("2" + reverse.substring(1), reverse.substring(2), "x.d.f.ip6.arpa")) {
      assertNull(zone.answer(question(each, DnsQuestion.PTR)), each);
    }
  }

  private static void assertEndsWith(byte[] value, DnsZone zone, String name, int type) {
    byte[] answer = zone.answer(question(name, type));
    assertNotNull(answer, name);
    byte[] end = Arrays.copyOfRange(answer, answer.length - value.length, answer.length);
    assertTrue(Arrays.equals(value, end), name);
  }

  private static byte[] message(String name, int type) {
    byte[] encoded = DnsQuestion.encoded(name);
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + encoded.length + 4);
    out.putShort((short) 0xabcd).putShort((short) 0x0100).putShort((short) 1);
    out.position(HEADER_BYTES).put(encoded).putShort((short) type).putShort((short) 1);
    return out.array();
  }

  private static DnsQuestion question(String name, int type) {
    DnsQuestion question = DnsQuestion.parse(message(name, type));
    assertNotNull(question, name);
    return question;
  }

  /// The code and the value of an answer; `elsewhere` when there is none from here.
  private static String told(String name, int type) {
    byte @Nullable [] answer = zone().answer(question(name, type));
    if (answer == null) {
      return "elsewhere";
    }
    int code = answer[3] & 0x0f;
    int count = answer[7];
    byte[] end = Arrays.copyOfRange(answer, answer.length - 4, answer.length);
    return code + (count == 0 ? "" : " " + Cidr.text(ByteBuffer.wrap(end).getInt()));
  }

  @Test
  void answer_name_isKnownHereOrElsewhere() {
    record Case(String name, int type, String told) {}
    for (Case each :
        List.of(
            new Case("web", DnsQuestion.A, "0 192.168.90.2"),
            new Case("WEB.Lab.otherix.internal", DnsQuestion.A, "0 192.168.90.2"),
            new Case("web", DnsQuestion.AAAA, "0"),
            new Case("db", DnsQuestion.A, "elsewhere"),
            new Case("db.lab.otherix.internal", DnsQuestion.A, "3"),
            new Case("lab.otherix.internal", DnsQuestion.A, "0"),
            new Case("example.com", DnsQuestion.A, "elsewhere"),
            new Case("example.com.lab.otherix.internal", DnsQuestion.A, "0 192.168.90.3"),
            new Case("9.90.168.192.in-addr.arpa", DnsQuestion.PTR, "3"),
            new Case("2.91.168.192.in-addr.arpa", DnsQuestion.PTR, "elsewhere"),
            new Case("x.90.168.192.in-addr.arpa", DnsQuestion.PTR, "elsewhere"))) {
      assertEquals(each.told(), told(each.name(), each.type()), each.toString());
    }
  }

  @Test
  void answer_address_isToldByItsName() {
    byte[] answer = zone().answer(question("2.90.168.192.in-addr.arpa", DnsQuestion.PTR));
    assertNotNull(answer);
    byte[] name = DnsQuestion.encoded("web.lab.otherix.internal");
    byte[] end = Arrays.copyOfRange(answer, answer.length - name.length, answer.length);
    assertTrue(Arrays.equals(name, end));
  }

  @Test
  void isAnsweredBy_otherMessage_isNot() {
    DnsQuestion question = question("web", DnsQuestion.A);
    byte[] answer = question.answer(DnsQuestion.NO_ERROR, List.of());
    assertTrue(question.isAnsweredBy(answer, answer.length));
    assertEquals(false, question.isAnsweredBy(question.message(), question.message().length));
    answer[1]++;
    assertEquals(false, question.isAnsweredBy(answer, answer.length));
  }

  @Test
  void parse_anyBytes_isAQuestionOrNull() {
    Random random = new Random(42);
    byte[] good = message("web.lab.otherix.internal", DnsQuestion.A);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int j = random.nextInt(4); j >= 0 && bytes.length > 0; j--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      DnsQuestion question = DnsQuestion.parse(bytes);
      if (question != null) {
        zone().answer(question);
      }
    }
    assertNull(DnsQuestion.parse(new byte[0]));
  }
}
