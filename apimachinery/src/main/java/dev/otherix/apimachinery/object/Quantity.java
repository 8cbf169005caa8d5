package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// An amount of a resource, such as `500m` or `2Gi`. Exact; no more precise than a billionth (finer
/// amounts round away from zero) and no larger than 2^63-1 either way (larger ones are capped), as
/// Kubernetes defines it. Two quantities are equal when their amounts are, however written.
public final class Quantity implements Comparable<Quantity> {
  /// The family of suffixes in which a quantity was written, and is printed.
  public enum Format {
    /// Ki, Mi, Gi, Ti, Pi, Ei.
    BINARY,
    /// n, u, m, none, k, M, G, T, P, E.
    DECIMAL,
    /// `e3`.
    EXPONENT
  }

  public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, Format.DECIMAL);

  private static final int NANO_SCALE = 9;
  private static final BigDecimal SMALLEST = BigDecimal.ONE.movePointLeft(NANO_SCALE);
  private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final int LARGEST_DIGITS = LARGEST.precision();
  private static final BigInteger KIBI = BigInteger.valueOf(1_024);

  private final BigDecimal amount;
  private final Format format;

  private Quantity(BigDecimal amount, Format format) {
    this.amount = amount;
    this.format = format;
  }

  /// @throws ApiException 400 that says which part of `text` is not understood
  public static Quantity parse(String text) {
    return new QuantityParser(text).quantity();
  }

  /// Reads the string or bare number that stands for a quantity in JSON.
  ///
  /// @throws ApiException 400 when `value` is neither, or not a quantity
  public static Quantity fromJson(JsonNode value) {
    if (value.isNumber()) {
      return bounded(value.decimalValue(), Format.DECIMAL);
    }
    if (value.isString()) {
      return parse(value.stringValue());
    }
    throw ApiException.badRequest(
        "the value " + value + " must be a quantity such as \"500m\" or \"2Gi\"");
  }

  public static Quantity of(long amount, Format format) {
    return bounded(BigDecimal.valueOf(amount), format);
  }

  static Quantity bounded(BigDecimal exact, Format format) {
    if (exact.signum() == 0) {
      return format == Format.DECIMAL ? ZERO : new Quantity(BigDecimal.ZERO, format);
    }
    BigDecimal amount = magnitude(exact.abs());
    Format printed =
        format == Format.BINARY && exact.signum() > 0 && amount.compareTo(BigDecimal.ONE) < 0
            ? Format.DECIMAL
            : format;
    BigDecimal signed = exact.signum() < 0 ? amount.negate() : amount;
    return new Quantity(signed.stripTrailingZeros(), printed);
  }

  /// Decides by the number of digits first: an exponent can be so large that its digits cannot.
  private static BigDecimal magnitude(BigDecimal exact) {
    long integerDigits = (long) exact.precision() - exact.scale();
    if (integerDigits > LARGEST_DIGITS) {
      return LARGEST;
    }
    if (integerDigits < -NANO_SCALE) {
      return SMALLEST;
    }
    BigDecimal rounded =
        exact.scale() > NANO_SCALE ? exact.setScale(NANO_SCALE, RoundingMode.UP) : exact;
    return rounded.min(LARGEST);
  }

  public Format format() {
    return format;
  }

  /// The exact amount, without trailing zeros.
  public BigDecimal amount() {
    return amount;
  }

  public int signum() {
    return amount.signum();
  }

  /// The sum, printed in this quantity's family, or in the other's when this one is zero.
  public Quantity add(Quantity other) {
    return bounded(amount.add(other.amount), signum() == 0 ? other.format : format);
  }

  /// The difference, printed in this quantity's family, or in the other's when this one is zero.
  public Quantity sub(Quantity other) {
    return bounded(amount.subtract(other.amount), signum() == 0 ? other.format : format);
  }

  /// The amount as an integer, a fraction rounded away from zero.
  public long longValue() {
    return amount.setScale(0, RoundingMode.UP).longValueExact();
  }

  /// Thousandths, rounded away from zero; the nearest long when there are too many of them.
  public long milliValue() {
    BigDecimal milli = amount.movePointRight(3).setScale(0, RoundingMode.UP);
    return milli.max(BigDecimal.valueOf(Long.MIN_VALUE)).min(LARGEST).longValueExact();
  }

  @Override
  public int compareTo(Quantity other) {
    return amount.compareTo(other.amount);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Quantity that && amount.compareTo(that.amount) == 0;
  }

  @Override
  public int hashCode() {
    return amount.hashCode();
  }

  /// The canonical form: no fraction, the largest suffix of the family that allows that.
  @Override
  public String toString() {
    if (amount.signum() == 0) {
      return "0";
    }
    boolean binary =
        format == Format.BINARY
            && amount.abs().compareTo(BigDecimal.valueOf(1_024)) >= 0
            && amount.scale() <= 0;
    return binary ? binaryForm() : decimalForm();
  }

  private String binaryForm() {
    BigInteger rest = amount.toBigIntegerExact();
    int power = 0;
    for (BigInteger[] next = rest.divideAndRemainder(KIBI);
        next[1].signum() == 0;
        next = rest.divideAndRemainder(KIBI)) {
      rest = next[0];
      power++;
    }
    return rest + QuantityParser.binarySuffix(power);
  }

  private String decimalForm() {
    // The digits without trailing zeros, then as many back as make the exponent one of thousand.
    int exponent = Math.floorDiv(-amount.scale(), 3) * 3;
    BigInteger digits = amount.movePointLeft(exponent).toBigIntegerExact();
    if (format == Format.EXPONENT) {
      return exponent == 0 ? digits.toString() : digits + "e" + exponent;
    }
    return digits + QuantityParser.decimalSuffix(exponent);
  }
}
