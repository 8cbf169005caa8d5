package dev.otherix.e2e.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ScenarioTest {
  private static final String TEXT =
      """
      # A comment.
      file a.yaml
      | kind: A
      |   b: c
      $ one
      > out
      >[1.30+] new
      >[-1.29] old
      ! err
      exit 2
      $[1.31+] two
      > twice
      """;

  @Test
  void parse_linesForOtherReleases_areLeftOut() {
    Scenario.Step one = new Scenario.Step("one", List.of("out", "old"), List.of("err"), 2);
    assertEquals(
        new Scenario(Map.of("a.yaml", "kind: A\n  b: c\n"), List.of(one)),
        Scenario.parse(TEXT, new Release(1, 29)));
    assertEquals(2, Scenario.parse(TEXT, new Release(1, 31)).steps().size());
  }

  @Test
  void parse_lineThatBeginsWithNothingKnown_isNamed() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> Scenario.parse("% x", new Release(1, 29)));
    assertEquals("line 1: % x", refused.getMessage());
  }

  @Test
  void match_placeholdersAndEllipses_standForWhatTheyMust() {
    List<String> printed = List.of("NAME   AGE", "a      5m3s", "", "", "x", "y");
    assertTrue(ExpectedLines.match(List.of("NAME AGE", "a <age>", "", "x", "y"), printed));
    assertTrue(ExpectedLines.match(List.of("NAME AGE", "...", "y"), printed));
    assertFalse(ExpectedLines.match(List.of("NAME AGE", "a <number>", "", "x", "y"), printed));
    assertFalse(ExpectedLines.match(List.of("NAME AGE", "a <age>", "", "x"), printed));
    assertFalse(ExpectedLines.match(List.of("NAME", "...", "y"), printed));
    assertFalse(ExpectedLines.lineMatches("  a", " a"), "the indentation counts");
    assertFalse(ExpectedLines.lineMatches("a.b", "axb"), "nothing else is a pattern");
  }
}
