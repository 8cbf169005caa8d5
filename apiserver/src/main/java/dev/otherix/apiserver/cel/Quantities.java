package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.object.Quantity;
import dev.otherix.apimachinery.status.ApiException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// Quantities such as `1.5Gi`, and named formats.
final class Quantities {
  private Quantities() {}

  static void addTo(Map<String, Function> functions) {
    functions.put("quantity", (a, _) -> parse(Functions.text(a[0], "quantity")));
    functions.put("isQuantity", (a, _) -> isQuantity(Functions.text(a[0], "isQuantity")));
    functions.put("sign", (a, _) -> (long) of(a[0]).signum());
    functions.put("isInteger", (a, _) -> isInteger(of(a[0])));
    functions.put("asInteger", (a, _) -> asInteger(of(a[0])));
    functions.put("asApproximateFloat", (a, _) -> of(a[0]).amount().doubleValue());
    functions.put("add", (a, _) -> calculated(() -> of(a[0]).add(operand(a[1]))));
    functions.put("sub", (a, _) -> calculated(() -> of(a[0]).sub(operand(a[1]))));
    functions.put("isGreaterThan", (a, _) -> of(a[0]).compareTo(of(a[1])) > 0);
    functions.put("isLessThan", (a, _) -> of(a[0]).compareTo(of(a[1])) < 0);
    functions.put("compareTo", (a, _) -> (long) Integer.signum(of(a[0]).compareTo(of(a[1]))));
    NamedFormat.all().forEach((name, format) -> functions.put("format." + name, (_, _) -> format));
    functions.put("format.named", (a, _) -> named(Functions.text(a[0], "format.named")));
    functions.put("validate", (a, _) -> validate(a[0], Functions.text(a[1], "validate")));
  }

  private static Quantity parse(String text) {
    try {
      return Quantity.parse(text);
    } catch (ApiException e) {
      throw new EvaluationException("not a quantity: " + text);
    }
  }

  private static boolean isQuantity(String text) {
    try {
      return Quantity.parse(text) != null;
    } catch (ApiException e) {
      return false;
    }
  }

  private interface Calculation {
    Quantity run();
  }

  private static Quantity calculated(Calculation calculation) {
    try {
      return calculation.run();
    } catch (ApiException | ArithmeticException e) {
      throw new EvaluationException("quantity overflow");
    }
  }

  private static Quantity of(Object value) {
    if (value instanceof Quantity quantity) {
      return quantity;
    }
    throw EvaluationException.noOverload("quantity expected");
  }

  private static Quantity operand(Object value) {
    return value instanceof Long whole ? Quantity.of(whole, Quantity.Format.DECIMAL) : of(value);
  }

  private static boolean isInteger(Quantity quantity) {
    BigDecimal amount = quantity.amount().stripTrailingZeros();
    return amount.scale() <= 0 && amount.toBigInteger().bitLength() < 64;
  }

  private static Object asInteger(Quantity quantity) {
    if (!isInteger(quantity)) {
      throw new EvaluationException("cannot convert value to integer");
    }
    return quantity.amount().longValueExact();
  }

  private static Object named(String name) {
    NamedFormat format = NamedFormat.named(name);
    return format == null ? Maybe.NONE : new Maybe(format);
  }

  private static Object validate(Object format, String text) {
    if (!(format instanceof NamedFormat named)) {
      throw EvaluationException.noOverload("validate");
    }
    if (named.holds().test(text)) {
      return Maybe.NONE;
    }
    return new Maybe(new ListValue.Items(List.of("is not a valid " + named.name())));
  }
}
