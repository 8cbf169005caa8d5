package dev.otherix.apiserver.cel;

import com.google.common.primitives.UnsignedLong;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// From one type to another: `int("7")`, `string(1.5)`.
final class Conversions {
  private static final double LONG_END = 0x1p63;

  private Conversions() {}

  static void addTo(Map<String, Function> functions) {
    functions.put("type", (a, _) -> Values.type(a[0]));
    functions.put("dyn", (a, _) -> a[0]);
    functions.put("int", (a, _) -> toInt(a[0]));
    functions.put("uint", (a, _) -> toUint(a[0]));
    functions.put("double", (a, _) -> toDouble(a[0]));
    functions.put("string", (a, _) -> toText(a[0]));
    functions.put("bytes", (a, _) -> toBytes(a[0]));
    functions.put("bool", (a, _) -> toBool(a[0]));
  }

  private static Object toInt(Object value) {
    try {
      return switch (value) {
        case Long whole -> whole;
        case UnsignedLong whole -> whole.bigIntegerValue().longValueExact();
        case Double fraction -> {
          if (!(fraction > -LONG_END && fraction < LONG_END)) {
            throw new EvaluationException("integer overflow");
          }
          yield (long) (double) fraction;
        }
        case String text -> Long.parseLong(text);
        case Instant time -> time.getEpochSecond();
        default -> throw EvaluationException.noOverload("int");
      };
    } catch (NumberFormatException e) {
      throw new EvaluationException("not an int: " + value);
    } catch (ArithmeticException e) {
      throw new EvaluationException("integer overflow");
    }
  }

  private static Object toUint(Object value) {
    try {
      return switch (value) {
        case UnsignedLong whole -> whole;
        case Long whole -> UnsignedLong.valueOf(BigInteger.valueOf(whole));
        case Double fraction -> UnsignedLong.valueOf(new BigDecimal(fraction).toBigInteger());
        case String text -> UnsignedLong.valueOf(text);
        default -> throw EvaluationException.noOverload("uint");
      };
    } catch (IllegalArgumentException e) {
      throw new EvaluationException("not a uint: " + value);
    }
  }

  private static Object toDouble(Object value) {
    try {
      return switch (value) {
        case Double fraction -> fraction;
        case Long whole -> (double) whole;
        case UnsignedLong whole -> whole.doubleValue();
        case String text -> Double.parseDouble(text);
        default -> throw EvaluationException.noOverload("double");
      };
    } catch (NumberFormatException e) {
      throw new EvaluationException("not a double: " + value);
    }
  }

  static String toText(Object value) {
    return switch (value) {
      case String text -> text;
      case Long whole -> Long.toString(whole);
      case UnsignedLong whole -> whole.toString();
      case Boolean truth -> Boolean.toString(truth);
      case Double fraction -> printed(fraction);
      case Bytes bytes -> decoded(bytes);
      case Instant time -> time.toString();
      case Duration time -> Times.printed(time);
      case Address address -> address.toString();
      case Network network -> network.toString();
      default -> throw EvaluationException.noOverload("string");
    };
  }

  static String printed(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "+Inf" : "-Inf";
    }
    BigDecimal exact = BigDecimal.valueOf(number).stripTrailingZeros();
    boolean plain = Math.abs(number) < 1e21 && (Math.abs(number) >= 1e-4 || number == 0);
    return plain ? exact.toPlainString() : exact.toString().replace('E', 'e');
  }

  private static String decoded(Bytes bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.bytes())).toString();
    } catch (CharacterCodingException e) {
      throw new EvaluationException("invalid UTF-8 in bytes");
    }
  }

  private static Object toBytes(Object value) {
    return switch (value) {
      case Bytes bytes -> bytes;
      case String text -> new Bytes(text.getBytes(StandardCharsets.UTF_8));
      default -> throw EvaluationException.noOverload("bytes");
    };
  }

  private static Object toBool(Object value) {
    return switch (value) {
      case Boolean truth -> truth;
      case String text ->
          switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new EvaluationException("not a bool: " + text);
          };
      default -> throw EvaluationException.noOverload("bool");
    };
  }
}
