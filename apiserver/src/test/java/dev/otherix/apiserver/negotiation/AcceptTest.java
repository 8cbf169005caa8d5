package dev.otherix.apiserver.negotiation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.Headers;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptTest {
  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "  ", "*/*", " */* ", "*/*;q=0.1"})
  void parse_nothingAsked_takesAnything(String header) {
    assertEquals(Accept.ANYTHING, Accept.parse(header));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "a/b, c/d                        | a/b c/d",
        "a/b;q=0.5, c/d                  | c/d a/b",
        "*/*, a/*, a/b                   | a/b a/* */*",
        "a/*;q=0.9, a/b;q=0.8, */*       | */* a/* a/b",
        "a/b;q=0.001, c/d;q=0.0001       | a/b c/d",
        "A/B;X=Yy;q=1.000                | a/b;x=Yy",
        "a/b; x=\"1,2;3\", c/d           | a/b;x=\"1,2;3\" c/d",
        "text/html, *; q=.2, */*; q=.2   | text/html */*",
        "junk, a/b, /, */b, c/d;=, e/f;x | a/b",
        "a/b;q=2, c/d;q=-1, e/f;q=x, g/h | g/h",
        "a/b;q=1.1, c/d;q=., e/f;q=\"\"  | ",
        "junk                            | ",
        "a/b;q=0                         | ",
        "a/b;x=\"open, c/d               | ",
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
            + "| application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            + " application/json",
      })
  void parse_clauses_inTheOrderToTry(String header, String expected) {
    List<String> clauses = Accept.parse(header).clauses().stream().map(Object::toString).toList();
    assertEquals(expected == null ? "" : expected, String.join(" ", clauses));
  }

  @Test
  void refuses_qualityZero_onlyThatType() {
    Accept accept = Accept.parse("application/json;q=0, text/*;q=0.000, */*");
    assertTrue(accept.refuses(MediaType.JSON));
    assertTrue(accept.refuses(MediaType.parse("text/plain").orElseThrow()));
    assertFalse(accept.refuses(MediaType.YAML));
    assertFalse(accept.refuses(MediaType.parse("application/json;as=Table").orElseThrow()));
  }

  @Test
  void of_severalLines_areOneList() {
    Headers headers = Headers.of("Accept", "a/b;q=0.5").with("accept", "c/d");
    assertEquals(Accept.parse("c/d, a/b;q=0.5"), Accept.of(headers));
    assertEquals(Accept.ANYTHING, Accept.of(Headers.NONE));
  }

  @Test
  void parse_moreThanTheLimit_leavesTheRestOut() {
    assertEquals(Accept.CLAUSES_MAX, Accept.parse("a/b,".repeat(1000)).clauses().size());
  }

  @Test
  void parse_randomText_neverThrows() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String alphabet = "ab/*;,=q.01\" \\\u00e9\t";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(30); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      Accept accept = Accept.parse(text.toString());
      for (MediaType clause : accept.clauses()) {
        assertEquals(
            clause, MediaType.parse(clause.toString()).orElseThrow(), () -> "seed " + seed);
      }
    }
  }
}
