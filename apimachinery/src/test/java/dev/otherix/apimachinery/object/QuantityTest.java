package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QuantityTest {
  /// Columns: as written, canonical form, exact amount.
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "-0, 0, 0",
    "00, 0, 0",
    "0.0, 0, 0",
    "0Ki, 0, 0",
    "0m, 0, 0",
    "0e5, 0, 0",
    "1, 1, 1",
    "+1, 1, 1",
    "-1, -1, -1",
    "007, 7, 7",
    "1., 1, 1",
    ".5, 500m, 0.5",
    "-.5, -500m, -0.5",
    "1.G, 1G, 1000000000",
    "12, 12, 12",
    "100, 100, 100",
    "999, 999, 999",
    "1000, 1k, 1000",
    "1001, 1001, 1001",
    "1500, 1500, 1500",
    "10000, 10k, 10000",
    "123456000, 123456k, 123456000",
    "1000000, 1M, 1000000",
    "1000000000000000000, 1E, 1000000000000000000",
    "0.5, 500m, 0.5",
    "1.5, 1500m, 1.5",
    "0.001, 1m, 0.001",
    "0.0001, 100u, 0.0001",
    "0.000000001, 1n, 0.000000001",
    "0.0000000001, 1n, 0.000000001",
    "-0.0000000001, -1n, -0.000000001",
    "1.0000000001, 1000000001n, 1.000000001",
    "500m, 500m, 0.5",
    "1000m, 1, 1",
    "1500m, 1500m, 1.5",
    "1000000n, 1m, 0.001",
    "1n, 1n, 0.000000001",
    "0.5n, 1n, 0.000000001",
    "100u, 100u, 0.0001",
    "1000u, 1m, 0.001",
    "1k, 1k, 1000",
    "0.5k, 500, 500",
    "1.5k, 1500, 1500",
    "1000k, 1M, 1000000",
    "1M, 1M, 1000000",
    "1G, 1G, 1000000000",
    "1T, 1T, 1000000000000",
    "1P, 1P, 1000000000000000",
    "1E, 1E, 1000000000000000000",
    "9E, 9E, 9000000000000000000",
    "1.25E, 1250P, 1250000000000000000",
    "1Ki, 1Ki, 1024",
    "1024Ki, 1Mi, 1048576",
    "1025Ki, 1025Ki, 1049600",
    "1Mi, 1Mi, 1048576",
    "1536Mi, 1536Mi, 1610612736",
    "1.5Gi, 1536Mi, 1610612736",
    "1Gi, 1Gi, 1073741824",
    "1Ti, 1Ti, 1099511627776",
    "1Pi, 1Pi, 1125899906842624",
    "1Ei, 1Ei, 1152921504606846976",
    "7Ei, 7Ei, 8070450532247928832",
    "-2Gi, -2Gi, -2147483648",
    "0.5Ki, 512, 512",
    "1.5Ki, 1536, 1536",
    "2.5Ki, 2560, 2560",
    "0.1Ki, 102400m, 102.4",
    "1.1Ki, 1126400m, 1126.4",
    "0.0001Ki, 102400u, 0.1024",
    "1e3, 1e3, 1000",
    "1E3, 1e3, 1000",
    "1e+3, 1e3, 1000",
    "1e0, 1, 1",
    "1e1, 10, 10",
    "1e4, 10e3, 10000",
    "1.5e6, 1500e3, 1500000",
    "1e-3, 1e-3, 0.001",
    "1e-1, 100e-3, 0.1",
    "1E-9, 1e-9, 0.000000001",
    "1e-10, 1e-9, 0.000000001",
    "1e-400, 1e-9, 0.000000001",
    "1e-999999999, 1e-9, 0.000000001",
    "1e0000000003, 1e3, 1000",
    "9223372036854775807, 9223372036854775807, 9223372036854775807",
    "9223372036854775808, 9223372036854775807, 9223372036854775807",
    "-9223372036854775808, -9223372036854775807, -9223372036854775807",
    "10E, 9223372036854775807, 9223372036854775807",
    "8Ei, 9223372036854775807, 9223372036854775807",
    "1e999999999, 9223372036854775807, 9223372036854775807",
    "-1e19, -9223372036854775807, -9223372036854775807",
    "99999999999999999999999999999999n, 9223372036854775807, 9223372036854775807",
    "9223372036854775806.5, 9223372036854775806500m, 9223372036854775806.5",
  })
  void parse_quantity_printsCanonically(String text, String canonical, BigDecimal amount) {
    Quantity quantity = Quantity.parse(text);
    assertEquals(canonical, quantity.toString());
    assertEquals(0, amount.compareTo(quantity.amount()), quantity.amount()::toString);
    assertEquals(quantity, Quantity.parse(canonical));
    assertEquals(quantity.hashCode(), Quantity.parse(canonical).hashCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-",
        "+",
        ".",
        "-.",
        "Ki",
        "m",
        "e3",
        "1 ",
        " 1",
        "1 Gi",
        "--1",
        "+-1",
        "1.1.M",
        "1+1.0M",
        "0.1mi.",
        "aoeu",
        "1,5",
        "1_000",
        "0x10",
        "١",
        "1e3.5",
        "-3.01e-5x",
        "NaN",
        "1G1x"
      })
  void parse_wrongForm_isRefused(String text) {
    ApiException e = assertThrows(ApiException.class, () -> Quantity.parse(text));
    assertEquals(400, e.code());
    assertEquals(
        "\""
            + text
            + "\": quantities must match the regular expression"
            + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1K",
        "1ki",
        "1mi",
        "1i",
        "-3.01i",
        "1Kii",
        "1KiM",
        "1mm",
        "1e",
        "1e-",
        "-3.01e-",
        "1E+",
        "1ee3",
        "1G1",
        "1+1",
        "1Ei3",
        "1e9999999999",
        "1iK"
      })
  void parse_unknownSuffix_isRefused(String text) {
    ApiException e = assertThrows(ApiException.class, () -> Quantity.parse(text));
    assertEquals(400, e.code());
    assertTrue(
        String.valueOf(e.getMessage()).contains("unable to parse quantity's suffix"),
        e.getMessage());
  }

  @Test
  void parse_tooLong_isRefused() {
    String text = "1".repeat(513);
    assertEquals(400, assertThrows(ApiException.class, () -> Quantity.parse(text)).code());
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 2, 0",
    "1Gi, 1Gi, 2Gi, 0",
    "1Gi, 1G, 2073741824, 73741824",
    "1G, 1Gi, 2073741824, -73741824",
    "500m, 500m, 1, 0",
    "0, 1Ki, 1Ki, -1Ki",
    "0Ki, 1k, 1k, -1k",
    "1e3, 500m, 1000500e-3, 999500e-3",
    "9E, 9E, 9223372036854775807, 0",
    "-9E, -9E, -9223372036854775807, 0",
    "1, 2n, 1000000002n, 999999998n",
  })
  void addAndSub_twoQuantities_keepTheFamilyOfTheFirst(
      String left, String right, String sum, String difference) {
    assertEquals(sum, Quantity.parse(left).add(Quantity.parse(right)).toString());
    assertEquals(difference, Quantity.parse(left).sub(Quantity.parse(right)).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "1000m, 1, 0",
    "1024, 1Ki, 0",
    "1e3, 1k, 0",
    "1Ki, 1k, 1",
    "999m, 1, -1",
    "-1, 0, -1",
    "-1Gi, -1G, -1",
    "8E, 1e30, -1",
  })
  void compareTo_twoQuantities_byAmount(String left, String right, int expected) {
    Quantity a = Quantity.parse(left);
    Quantity b = Quantity.parse(right);
    assertEquals(expected, Integer.signum(a.compareTo(b)));
    assertEquals(-expected, Integer.signum(b.compareTo(a)));
    assertEquals(expected == 0, a.equals(b));
    if (expected == 0) {
      assertEquals(a.hashCode(), b.hashCode());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1000",
    "1500m, 2, 1500",
    "-1500m, -2, -1500",
    "1n, 1, 1",
    "-1n, -1, -1",
    "1Gi, 1073741824, 1073741824000",
    "100u, 1, 1",
    "0, 0, 0",
    "9E, 9000000000000000000, 9223372036854775807",
    "-9E, -9000000000000000000, -9223372036854775808",
    "9223372036854775806.5, 9223372036854775807, 9223372036854775807",
  })
  void longValue_fraction_roundsAwayFromZero(String text, long value, long milli) {
    assertEquals(value, Quantity.parse(text).longValue());
    assertEquals(milli, Quantity.parse(text).milliValue());
  }

  @Test
  void fromJson_stringsAndNumbers_areQuantities() {
    assertEquals("1536Mi", Quantity.fromJson(Json.parse("\"1.5Gi\"")).toString());
    assertEquals("500m", Quantity.fromJson(Json.parse("0.5")).toString());
    assertEquals("2k", Quantity.fromJson(Json.parse("2000")).toString());
    assertEquals(
        "9223372036854775807", Quantity.fromJson(Json.parse("123456789012345678901")).toString());
    for (String wrong : new String[] {"null", "true", "[]", "{}", "\"x\""}) {
      assertEquals(
          400, assertThrows(ApiException.class, () -> Quantity.fromJson(Json.parse(wrong))).code());
    }
  }

  @Test
  void of_amountAndFamily_printsInIt() {
    assertEquals("1Mi", Quantity.of(1 << 20, Quantity.Format.BINARY).toString());
    assertEquals("1048576", Quantity.of(1 << 20, Quantity.Format.DECIMAL).toString());
    assertEquals("5e3", Quantity.of(5000, Quantity.Format.EXPONENT).toString());
    assertEquals("1k", Quantity.of(1000, Quantity.Format.BINARY).toString());
    assertNotEquals(Quantity.ZERO, Quantity.of(1, Quantity.Format.DECIMAL));
  }
}
