package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NamesTest {
  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern DNS_SUBDOMAIN =
      Pattern.compile(DNS_LABEL + "(\\." + DNS_LABEL + ")*");
  private static final Pattern DNS_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern QUALIFIED =
      Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");

  /// Columns: text, then whether it is a label, a subdomain, a DNS-1035 label, a path segment.
  @ParameterizedTest
  @CsvSource({
    "a, true, true, true, true",
    "0, true, true, false, true",
    "a0, true, true, true, true",
    "0a, true, true, false, true",
    "a-b, true, true, true, true",
    "a--b, true, true, true, true",
    "a-, false, false, false, true",
    "-a, false, false, false, true",
    "-, false, false, false, true",
    "A, false, false, false, true",
    "aB, false, false, false, true",
    "a.b, false, true, false, true",
    "a..b, false, false, false, true",
    ".a, false, false, false, true",
    "a., false, false, false, true",
    "a.-b, false, false, false, true",
    "a-.b, false, false, false, true",
    "1.2.3.4, false, true, false, true",
    "a_b, false, false, false, true",
    "'a b', false, false, false, true",
    "é, false, false, false, true",
    "a/b, false, false, false, false",
    "a%b, false, false, false, false",
    "., false, false, false, false",
    ".., false, false, false, false",
    "..., false, false, false, true",
    "'', false, false, false, true",
  })
  void rules_text_acceptOrRefuse(
      String text, boolean label, boolean subdomain, boolean dns1035, boolean segment) {
    assertEquals(label, NameRule.DNS_LABEL.check(text).isEmpty());
    assertEquals(subdomain, NameRule.DNS_SUBDOMAIN.check(text).isEmpty());
    assertEquals(dns1035, NameRule.DNS_1035_LABEL.check(text).isEmpty());
    assertEquals(segment, NameRule.PATH_SEGMENT.check(text).isEmpty());
  }

  @Test
  void rules_wrongText_giveTheMessagesOfKubernetes() {
    assertEquals(
        List.of(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters,"
                + " '-' or '.', and must start and end with an alphanumeric character (e.g."
                + " 'example.com', regex used for validation is"
                + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"),
        Names.dns1123Subdomain("A"));
    assertEquals(
        List.of(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or"
                + " '-', and must start and end with an alphanumeric character (e.g. 'my-name', "
                + " or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"),
        Names.dns1123Label("A"));
    assertEquals(
        List.of(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start"
                + " with an alphabetic character, and end with an alphanumeric character (e.g."
                + " 'my-name',  or 'abc-123', regex used for validation is"
                + " '[a-z]([-a-z0-9]*[a-z0-9])?')"),
        Names.dns1035Label("1"));
    assertEquals(
        List.of(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_'"
                + " or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',"
                + "  or 'my_value',  or '12345', regex used for validation is"
                + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"),
        Names.labelValue("-"));
    String qualified =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
            + " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
            + " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    assertEquals(
        List.of("name part must be non-empty", "name part " + qualified), Names.qualifiedName(""));
    assertEquals(List.of("name part " + qualified), Names.qualifiedName("a/-"));
    assertEquals(List.of("prefix part must be non-empty"), Names.qualifiedName("/a"));
    assertEquals(
        List.of(
            "a qualified name "
                + qualified
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"),
        Names.qualifiedName("a/b/c"));
    assertEquals(List.of("may not be '..'"), Names.pathSegment(".."));
    assertEquals(List.of("may not contain '/'", "may not contain '%'"), Names.pathSegment("a/b%c"));
  }

  @Test
  void rules_tooLong_sayHowLongItMayBe() {
    assertTrue(Names.dns1123Label("a".repeat(63)).isEmpty());
    assertEquals(List.of("must be no more than 63 bytes"), Names.dns1123Label("a".repeat(64)));
    assertEquals(List.of("must be no more than 63 bytes"), Names.dns1035Label("a".repeat(64)));
    assertTrue(Names.dns1123Subdomain("a".repeat(253)).isEmpty());
    assertEquals(
        List.of("must be no more than 253 bytes"), Names.dns1123Subdomain("a".repeat(254)));
    assertTrue(Names.labelValue("a".repeat(63)).isEmpty());
    assertEquals(List.of("must be no more than 63 bytes"), Names.labelValue("a".repeat(64)));
    assertTrue(Names.qualifiedName("a".repeat(253) + "/" + "b".repeat(63)).isEmpty());
    assertEquals(
        List.of("prefix part must be no more than 253 bytes"),
        Names.qualifiedName("a".repeat(254) + "/b"));
    assertEquals(
        List.of("name part must be no more than 63 bytes"),
        Names.qualifiedName("a/" + "b".repeat(64)));
    assertEquals(
        List.of("name part must be no more than 63 bytes"), Names.qualifiedName("b".repeat(64)));
  }

  /// Columns: text, whether it is a label key, whether it is an annotation key.
  @ParameterizedTest
  @CsvSource({
    "a, true, true",
    "A.b_c-d9, true, true",
    "example.com/a, true, true",
    "Example.com/a, false, true",
    "example.com/A_b, true, true",
    "a/, false, false",
    "a_b/c, false, false",
    "_a, false, false",
    "a_, false, false",
    "a b, false, false",
    "a//b, false, false",
    "é, false, false",
    "kubernetes.io/metadata.name, true, true",
  })
  void keys_text_acceptOrRefuse(String text, boolean labelKey, boolean annotationKey) {
    assertEquals(labelKey, Names.qualifiedName(text).isEmpty());
    assertEquals(annotationKey, Names.annotationKey(text).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "web-, true",
    "web, true",
    "w, true",
    "web--, false",
    "-, false",
    "Web-, false",
    "web.-, false",
    "web., false",
  })
  void checkPrefix_generateName_mayEndInOneDash(String prefix, boolean good) {
    assertEquals(good, NameRule.DNS_SUBDOMAIN.checkPrefix(prefix).isEmpty());
    assertTrue(NameRule.PATH_SEGMENT.checkPrefix("..").isEmpty());
  }

  @Test
  void scanners_randomTexts_agreeWithTheirExpressions() {
    long seed = 42;
    SplittableRandom random = new SplittableRandom(seed);
    String alphabet = "ab0Z-._/";
    for (int i = 0; i < 50_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(7); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String each = text.toString();
      String what = "seed " + seed + ": " + each;
      assertEquals(DNS_LABEL.matcher(each).matches(), Names.dns1123Label(each).isEmpty(), what);
      assertEquals(
          DNS_SUBDOMAIN.matcher(each).matches(), Names.dns1123Subdomain(each).isEmpty(), what);
      assertEquals(DNS_1035.matcher(each).matches(), Names.dns1035Label(each).isEmpty(), what);
      assertEquals(
          each.isEmpty() || QUALIFIED.matcher(each).matches(),
          Names.labelValue(each).isEmpty(),
          what);
      int slash = each.indexOf('/');
      boolean key =
          QUALIFIED.matcher(each.substring(slash + 1)).matches()
              && (slash < 0 || DNS_SUBDOMAIN.matcher(each.substring(0, slash)).matches());
      assertEquals(key, Names.qualifiedName(each).isEmpty(), what);
    }
  }

  @Test
  void generate_prefix_isCutAndFollowedByFiveCharacters() {
    SplittableRandom random = new SplittableRandom(7);
    String name = Names.generate("web-", random);
    assertTrue(name.matches("web-[bcdfghjklmnpqrstvwxz2456789]{5}"), name);
    assertNotEquals(name, Names.generate("web-", random));
    assertEquals(name, Names.generate("web-", new SplittableRandom(7)));
    String cut = Names.generate("a".repeat(100), random);
    assertEquals(63, cut.length());
    assertTrue(cut.startsWith("a".repeat(58)) && cut.charAt(58) != 'a', cut);
  }

  @Test
  void generate_manyNames_useTheWholeAlphabetEvenly() {
    SplittableRandom random = new SplittableRandom(7);
    int[] counts = new int[128];
    for (int i = 0; i < 5_400; i++) {
      Names.generate("", random).chars().forEach(c -> counts[c]++);
    }
    int used = 0;
    for (int count : counts) {
      used += count > 0 ? 1 : 0;
      assertTrue(count == 0 || (count > 800 && count < 1_200), () -> "count " + count);
    }
    assertEquals(27, used);
  }
}
