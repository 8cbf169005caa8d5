package dev.otherix.agent.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class LogTextTest {
  record Case(String written, String shown) {}

  static final List<Case> CASES =
      List.of(
          new Case("plain\n", "plain\n"),
          new Case("line\r\n\ttab", "line\n\ttab"),
          new Case("b\b\u0007e\u0000l\u007fl", "bell"),
          new Case("grün ✓ 漢字", "grün ✓ 漢字"),
          new Case("\u001b[1;31mred\u001b[0m", "\u001b[1;31mred\u001b[0m"),
          new Case("\u001b[2J\u001b[10;20Hmoved", "moved"),
          new Case("\u001b]0;title\u0007after", "after"),
          new Case("\u001b]0;title\u001b\\after", "after"),
          new Case("\u001b]8;;a\u001bb\u0007x", "x"),
          new Case("\u001bP1;2q\u001b\\y", "y"),
          new Case("\u001bcz", "z"),
          new Case("\u001b[31\nm", "\nm"),
          new Case("\u001b[" + "1".repeat(40) + "mz", "1".repeat(8) + "mz"));

  @ParameterizedTest
  @FieldSource("CASES")
  void of_text_whereverItIsCut(Case each) {
    byte[] all = each.written.getBytes(StandardCharsets.UTF_8);
    assertEquals(each.shown, new String(new LogText().of(all), StandardCharsets.UTF_8));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LogText text = new LogText();
    for (byte one : all) {
      out.writeBytes(text.of(new byte[] {one}));
    }
    assertEquals(each.shown, out.toString(StandardCharsets.UTF_8));
  }
}
