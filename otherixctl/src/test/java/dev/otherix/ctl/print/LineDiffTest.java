package dev.otherix.ctl.print;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LineDiffTest {
  @ParameterizedTest
  @CsvSource({
    "abc, abc, ''",
    "abc, axc, ' a|-b|+x| c'",
    "'', ab, '+a|+b'",
    "ab, '', '-a|-b'",
    "abcdefghij, abcdefghiX, '@...| g| h| i|-j|+X'",
    "Xbcdefghij, abcdefghij, '-X|+a| b| c| d|@...'",
  })
  void of_twoTexts_showsWhatChangedWithItsSurroundings(String before, String after, String lines) {
    assertEquals(
        lines,
        LineDiff.of(oneToALine(before), oneToALine(after)).stream()
            .map(each -> each.mark() + each.text())
            .collect(Collectors.joining("|")));
  }

  @Test
  void of_textsTooLargeToCompare_showsBothWhole() {
    String before = "a\n".repeat(5_001);
    String after = "b\n".repeat(5_001);
    assertEquals(10_002, LineDiff.of(before, after).size());
  }

  private static String oneToALine(String letters) {
    return letters.isEmpty() ? "" : String.join("\n", letters.split("")) + "\n";
  }
}
