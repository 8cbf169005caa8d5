package dev.otherix.controllers.networks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UniqueLocalTest {
  @ParameterizedTest
  @CsvSource({
    "52:54:00:aa:bb:cc, fd01:2:3:4:5054:ff:feaa:bbcc",
    "02:00:00:00:00:01, fd01:2:3:4:0:ff:fe00:1",
    "ff:ff:ff:ff:ff:ff, fd01:2:3:4:fdff:ffff:feff:ffff",
  })
  void address_ofHardwareAddress_isWhatTheGuestMakes(String mac, String address) {
    assertEquals(address, UniqueLocal.address("fd01:2:3:4::/64", mac));
  }

  @Test
  void prefix_isUniqueLocal_andFollowsFromTheUid() {
    String one = UniqueLocal.prefixOf("7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a111");
    assertTrue(one.matches("fd[0-9a-f]{2}(:[0-9a-f]{1,4}){3}::/64"), one);
    assertEquals(one, UniqueLocal.prefixOf("7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a111"));
    assertNotEquals(one, UniqueLocal.prefixOf("7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a112"));
  }
}
