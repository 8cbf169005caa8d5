package dev.otherix.apimachinery.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.fuzz.Fuzz;
import dev.otherix.apimachinery.status.ApiException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

final class ValueFuzzTest {
  @Test
  void quantity_anyText_hasOneCanonicalForm() {
    Fuzz.runText(
        "quantity",
        text -> {
          roundTrip(text, Quantity::parse);
          Quantity quantity = parsed(text);
          String canonical = quantity.toString();
          assertEquals(canonical, Quantity.parse(canonical).toString());
          assertTrue(canonical.indexOf('.') < 0, canonical);
          assertEquals(quantity, quantity.add(Quantity.parse("1Ki")).sub(Quantity.parse("1Ki")));
        });
  }

  /// Amounts so near the cap that a sum would not come back are left out.
  private static Quantity parsed(String text) {
    try {
      Quantity quantity = Quantity.parse(text);
      return quantity.amount().precision() - quantity.amount().scale() > 17
          ? Quantity.ZERO
          : quantity;
    } catch (ApiException e) {
      assertEquals(400, e.code());
      return Quantity.ZERO;
    }
  }

  @Test
  void durationAndTimes_anyText_printWhatParsesToTheSame() {
    Fuzz.runText(
        "duration",
        text -> {
          roundTrip(text, GoDuration::parse);
          roundTrip(text, Time::parse);
          roundTrip(text, MicroTime::parse);
          roundTrip(text, IntOrString::parse);
        });
  }

  private static <T> void roundTrip(String text, Function<String, T> parse) {
    T value;
    try {
      value = parse.apply(text);
    } catch (ApiException e) {
      assertEquals(400, e.code());
      return;
    }
    String printed =
        switch (value) {
          case IntOrString.Int number -> Integer.toString(number.value());
          case IntOrString.Text word -> word.value();
          default -> value.toString();
        };
    assertEquals(value, parse.apply(printed));
  }
}
