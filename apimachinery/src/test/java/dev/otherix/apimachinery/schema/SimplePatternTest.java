package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SimplePatternTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "^[a-z][a-z0-9-]*$",
        "^[0-9a-f]{64}$",
        "^abc$",
        "^$",
        "^v[0-9]+$",
        "^[a-z]{1,3}-[0-9]?$",
        "^a\\.b$",
        "^[A-Za-z_-]+:[0-9]{2,}$"
      })
  void of_plainPattern_isTaken(String regex) {
    assertNotNull(SimplePattern.of(regex));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abc",
        "^abc",
        "abc$",
        "^a|b$",
        "^(a)$",
        "^.$",
        "^[^a]$",
        "^\\d$",
        "^[a-z]*a$",
        "^a?a$",
        "^a*b*a$",
        "^a*?$",
        "^[[:alpha:]]$",
        "^a\\$",
        "^\u00e9$",
        "^a{2000}$",
        "^a{,3}$",
        "^[]$",
        "",
        "^",
        "$"
      })
  void of_otherPattern_isLeftToTheGeneralEngine(String regex) {
    assertNull(SimplePattern.of(regex));
  }

  @Test
  void matches_randomPatternsAndTexts_agreesWithTheGeneralEngine() {
    long seed = 7L;
    Random random = new Random(seed);
    String[] parts = {
      "a", "b", "-", "[ab]", "[b-d]", "[a-]", "\\.", "*", "+", "?", "{2}", "{1,2}", "{0,}", "]"
    };
    int taken = 0;
    int matched = 0;
    for (int round = 0; round < 50_000; round++) {
      StringBuilder regex = new StringBuilder("^");
      for (int i = random.nextInt(6); i > 0; i--) {
        regex.append(parts[random.nextInt(parts.length)]);
      }
      String text = regex.append('$').toString();
      SimplePattern simple = SimplePattern.of(text);
      if (simple == null) {
        continue;
      }
      Pattern general;
      try {
        general = Pattern.compile(text);
      } catch (PatternSyntaxException e) {
        throw new AssertionError("seed " + seed + ": took the broken pattern " + text, e);
      }
      taken++;
      for (int i = 0; i < 10; i++) {
        StringBuilder value = new StringBuilder();
        for (int n = random.nextInt(6); n > 0; n--) {
          value.append("aabbcd-.\n\u00e9".charAt(random.nextInt(10)));
        }
        boolean expected = general.matcher(value).find();
        assertEquals(
            expected,
            simple.matches(value.toString()),
            "seed " + seed + ": " + text + " on " + value);
        matched += expected ? 1 : 0;
      }
    }
    assertTrue(taken > 5_000 && matched > 5_000, taken + " patterns, " + matched + " matches");
  }
}
