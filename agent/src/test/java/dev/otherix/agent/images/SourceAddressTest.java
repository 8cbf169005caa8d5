package dev.otherix.agent.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.images.ImageException.Reason;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SourceAddressTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.8.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1"
      })
  void forbidden_thisMachineAndItsLink_isTrue(String address) {
    assertTrue(SourceAddress.forbidden(InetAddress.ofLiteral(address)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "192.168.1.1", "203.0.113.7", "100.128.0.1", "fd12::1"})
  void forbidden_otherMachines_isFalse(String address) {
    assertFalse(SourceAddress.forbidden(InetAddress.ofLiteral(address)));
  }

  @Test
  void of_nameWithOneForbiddenAddress_isRefused() throws Exception {
    InetAddress good = InetAddress.ofLiteral("203.0.113.7");
    InetAddress bad = InetAddress.ofLiteral("127.0.0.1");
    SourceAddress mixed =
        new SourceAddress(_ -> new InetAddress[] {good, bad}, List.of("mirror.lan"));
    ImageException e =
        assertThrows(ImageException.class, () -> mixed.of("images.example", "http://x"));
    assertEquals(Reason.FORBIDDEN, e.reason());
    assertEquals(good, mixed.of("mirror.lan", "http://x"));
  }
}
