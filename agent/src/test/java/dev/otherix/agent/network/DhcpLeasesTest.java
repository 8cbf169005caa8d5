package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DhcpLeasesTest {
  private static final int ADDRESS = Cidr.address("192.168.90.2");
  private static final int GATEWAY = Cidr.address("192.168.90.1");

  private static DhcpLeases leases() {
    HostPlan plan =
        Samples.plan(
            List.of(Samples.nat("lab", "lab0", "192.168.90.0/24")),
            List.of(
                Samples.port(1, "web", "lab", "192.168.90.2"),
                Samples.port(2, "desk", "office", "192.168.91.2")));
    NetworkPlan network = plan.networks().get("lab");
    NetworkPlan.Served served = network == null ? null : network.served();
    if (network == null || served == null) {
      throw new IllegalStateException("the sample is served");
    }
    return DhcpLeases.of(network, served, plan);
  }

  private static DhcpMessage question(int type, int client, Map<Integer, byte[]> more) {
    Map<Integer, byte[]> options = new TreeMap<>(more);
    options.put(DhcpMessage.TYPE, new byte[] {(byte) type});
    return new DhcpMessage(false, 77, true, client, 0, Samples.mac(1), options);
  }

  private static DhcpMessage answered(@Nullable DhcpMessage message) {
    assertNotNull(message);
    return message;
  }

  @Test
  void answer_request_dependsOnWhatTheClientThinks() {
    record Case(int client, Map<Integer, byte[]> options, int type, int address) {}
    byte[] right = DhcpMessage.ofInt(ADDRESS);
    byte[] wrong = DhcpMessage.ofInt(ADDRESS + 1);
    for (Case each :
        List.of(
            new Case(0, Map.of(DhcpMessage.REQUESTED, right), DhcpLeases.ACK, ADDRESS),
            new Case(0, Map.of(DhcpMessage.REQUESTED, wrong), DhcpLeases.NAK, 0),
            new Case(ADDRESS, Map.of(), DhcpLeases.ACK, ADDRESS),
            new Case(ADDRESS + 1, Map.of(), DhcpLeases.NAK, 0),
            new Case(0, Map.of(), DhcpLeases.ACK, ADDRESS))) {
      DhcpMessage answer =
          answered(leases().answer(question(DhcpLeases.REQUEST, each.client(), each.options())));
      assertEquals(each.type(), answer.type(), each.toString());
      assertEquals(each.address(), answer.yours(), each.toString());
      assertEquals(77, answer.transaction());
    }
  }

  @Test
  void answer_whatIsForAnotherServerOrClient_isSilence() {
    byte[] other = DhcpMessage.ofInt(GATEWAY + 5);
    assertNull(leases().answer(question(DhcpLeases.REQUEST, 0, Map.of(DhcpMessage.SERVER, other))));
    assertNull(leases().answer(question(4, 0, Map.of())));
    DhcpMessage stranger =
        new DhcpMessage(
            false, 1, false, 0, 0, Samples.mac(2), Map.of(DhcpMessage.TYPE, new byte[] {1}));
    assertNull(leases().answer(stranger));
  }

  @Test
  void bytes_ofAnAnswer_areAMessage() {
    DhcpMessage answer = answered(leases().answer(question(DhcpLeases.DISCOVER, 0, Map.of())));
    byte[] bytes = answer.bytes();
    assertEquals(2, bytes[0]);
    bytes[0] = 1;
    DhcpMessage read = answered(DhcpMessage.parse(ByteBuffer.wrap(bytes)));
    assertEquals(ADDRESS, read.yours());
    assertEquals(true, read.broadcast());
    assertEquals(Samples.mac(1), read.mac());
    assertEquals(answer.options().keySet(), read.options().keySet());
    answer
        .options()
        .forEach((number, value) -> assertArrayEquals(value, read.options().get(number)));
    assertEquals(GATEWAY, read.address(DhcpMessage.ROUTER));
  }

  @Test
  void parse_anyBytes_isAMessageOrNull() {
    long seed = 42;
    Random random = new Random(seed);
    byte[] good = question(DhcpLeases.DISCOVER, 0, Map.of()).bytes();
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = good.clone();
      for (int j = random.nextInt(6); j >= 0; j--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      ByteBuffer some = ByteBuffer.wrap(bytes, 0, random.nextInt(bytes.length + 1));
      DhcpMessage message = DhcpMessage.parse(some);
      if (message != null) {
        leases().answer(message);
      }
    }
  }
}
