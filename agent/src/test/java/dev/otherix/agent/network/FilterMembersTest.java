package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the kernel compares; that it takes it is seen wherever a port comes or goes.
final class FilterMembersTest {
  private static final String NAME = "6f743100000000000000000000000000";

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "\"ot1\", " + NAME,
        "02:00:00:00:00:01, 020000000001",
        "\"ot1\" . 02:00:00:00:00:01, " + NAME + "0200000000010000",
        "\"ot1\" . 10.0.0.1, " + NAME + "0a000001",
        "\"ot1\" . fe80:0:0:0:0:0:0:1, " + NAME + "fe800000000000000000000000000001",
        "\"ot1\" . 0xfd800000000000000000000000000002, "
            + NAME
            + "fd800000000000000000000000000002",
      })
  void key_ofAMember_isItsPartsInWholeWords(String member, String key) {
    assertEquals(key, HexFormat.of().formatHex(FilterMembers.key(member)));
  }
}
