package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.object.Dns;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FormatsTest {
  /// Format, good values, bad values; values between blanks, `-` for none, `_` for the empty text.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          date-time    | 2026-01-02T03:04:05Z 2026-01-02t03:04:05z 2026-01-02T03:04:05.123456789+02:00 2024-02-29T00:00:00-11:30 2016-12-31T23:59:60Z | 2026-01-02 2026-01-02T03:04:05 2026-02-30T00:00:00Z 2026-01-02T24:00:00Z 2026-01-02T03:60:00Z 2026-01-02T03:04:05.Z 2026-01-02T03:04:05+0200 2026-1-2T03:04:05Z _
          date         | 2026-01-02 2024-02-29 | 2025-02-29 2026-13-01 2026-1-2 20260102 2026-01-02T _
          duration     | 5s 1h30m 1.5h 300ms 0 -2m +1ns 2us 2µs | 5 1d _ h 1h30 1..5h .s 5S 9999999999999h
          uuid         | 7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a111 7E1F0D2C-8A37-4A21-B8D1-0E6CF4C8A111 | 7e1f0d2c8a374a21b8d10e6cf4c8a111 7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a11 7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a11g _
          uuid3        | 7e1f0d2c-8a37-3a21-b8d1-0e6cf4c8a111 | 7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a111
          uuid4        | 7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a111 | 7e1f0d2c-8a37-4a21-c8d1-0e6cf4c8a111 7e1f0d2c-8a37-3a21-b8d1-0e6cf4c8a111
          uuid5        | 7e1f0d2c-8a37-5a21-98d1-0e6cf4c8a111 | 7e1f0d2c-8a37-4a21-b8d1-0e6cf4c8a111
          ipv4         | 10.0.0.1 255.255.255.255 0.0.0.0 | 10.0.0 10.0.0.256 10.0.0.01 10.0.0.1.2 10.0.0.a ::1 _ 1 10.0..1
          ipv6         | ::1 :: fe80::1 2001:db8:0:0:0:0:0:1 ::ffff:10.0.0.1 1:2:3:4:5:6:7:8 1:2:3:4:5:6:10.0.0.1 1:: | 10.0.0.1 1::2::3 :1 12345::1 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 g::1 ::1/64 fe80::1%eth0 _ 10.0.0.1::1
          cidr         | 10.0.0.0/8 10.1.2.3/24 2001:db8::/32 0.0.0.0/0 | 10.0.0.0 10.0.0.0/33 10.0.0.0/-1 10.0.0.0/08 ::/129 /8 _
          ipv4-network | 10.0.0.0/8 10.1.2.0/24 10.1.2.3/32 0.0.0.0/0 | 10.1.2.3/24 10.0.0.0 2001:db8::/32 10.0.0.0/33 _
          ip-network   | 10.1.2.0/24 10.1.2.3/32 2001:db8::/32 fd00::1/128 ::/0 | 10.1.2.3/24 2001:db8::1/32 10.0.0.0 fd00:: ::/129 _
          byte         | aGVsbG8= _ YQ== | aGVsbG8 a*b= a= ====
          hostname     | example.io a A1-b.c localhost | -a a- a..b a_b .a _ a.
          uri          | https://example.io/a?b=c#d file:///x urn:a:b /path | example.io _ http://[ a%zz://
          email        | a@example.io a.b+c@x o'neil@x.y | a @x a@ a..b@x .a@x a@-x a.@x a@@x
          password     | anything _ | -
          mac          | 52:54:00:12:34:56 52-54-00-AB-CD-EF 5254.0012.3456 52:54:00:12:34:56:78:9a | 52:54:00:12:34 52:54:00:12:34:5g 52:54-00:12:34:56 525400123456 52:54:00:12:34:56: _
          dns-label    | a web-1 1a | A -a a- a.b a_b _
          dns-subdomain| a a.b web-1.example.io | A .a a. a..b -a.b a_b _
          absolute-path| / /var/lib/x /a.b | a a/b /a/ //a /a/../b /a/./b _
          download-url | http://h https://h/i?q=1 https://u:p@h:8/x file:///a | h /a ftp://h/i http:// https:///a http://?q file://h/a file:/// http://h/é _
          quantity     | 1 1.5 .5 5. 512Mi 100m 2e3 1E 1E3 -4Gi +1k 3n | Mi 1MiB 1.2.3 _ 1ee3 1e . 1mi 1K
          """)
  void format_values_areJudged(String name, String good, String bad) {
    var format = Objects.requireNonNull(Formats.of(name));
    for (String value : good.split(" ", -1)) {
      assertTrue(format.test(value.equals("_") ? "" : value), name + " should be: " + value);
    }
    for (String value : bad.split(" ", -1)) {
      if (!value.equals("-")) {
        assertFalse(format.test(value.equals("_") ? "" : value), name + " should not be: " + value);
      }
    }
  }

  @Test
  void format_longNames_areBounded() {
    String label = "a".repeat(63);
    assertTrue(Dns.isLabel(label));
    assertFalse(Dns.isLabel(label + "a"));
    assertTrue(Dns.isHostname(label + "." + label));
    assertFalse(Dns.isHostname(label + "a.b"));
    assertTrue(Dns.isSubdomain("a.".repeat(126) + "a"));
    assertFalse(Dns.isSubdomain("a.".repeat(127) + "a"));
  }
}
