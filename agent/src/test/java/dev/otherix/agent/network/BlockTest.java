package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BlockTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8 10.1.0.0/16 10.0.0.0/8 11.0.0.0/8, 10.0.0.0/8 11.0.0.0/8",
    "10.1.2.3/32 10.1.2.3/32 10.1.2.4/32, 10.1.2.3/32 10.1.2.4/32",
    "fd00:1::/64 fd00:1::5/128 fd00:2::/64, fd00:1:0:0:0:0:0:0/64 fd00:2:0:0:0:0:0:0/64",
    "fd00::5/128 fd00::/127 fd00::4/126, fd00:0:0:0:0:0:0:0/127 fd00:0:0:0:0:0:0:4/126",
    "::/0 fd00::/8 0.0.0.0/0 10.0.0.0/8, 0:0:0:0:0:0:0:0/0 0.0.0.0/0",
  })
  void distinct_networksInOthers_areLeftOut(String all, String kept) {
    assertEquals(
        kept,
        String.join(
            " ", Block.distinct(Arrays.stream(all.split(" ", -1)).map(Block::of).toList())));
  }

  @ParameterizedTest
  @CsvSource({
    "02:00:00:00:00:01, fe80:0:0:0:0:ff:fe00:1",
    "52:54:00:aa:bb:cc, fe80:0:0:0:5054:ff:feaa:bbcc",
  })
  void linkLocal_ofHardwareAddress_isWhatTheGuestMakes(String mac, String address) {
    assertEquals(address, Ip6.linkLocal(mac).toString());
  }
}
