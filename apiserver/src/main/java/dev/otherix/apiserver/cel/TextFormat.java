package dev.otherix.apiserver.cel;

import com.google.common.primitives.UnsignedLong;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// `"%s of %d".format([a, b])`: the clauses s, d, f, e, b, o, x, X and %%.
final class TextFormat {
  private static final int PRECISION_MAX = 100;
  private static final int PRECISION_DEFAULT = 6;
  private static final int DEPTH_MAX = 32;

  private TextFormat() {}

  static String format(String template, Object values, Frame frame) {
    ListValue list = Functions.list(values, "format");
    StringBuilder out = new StringBuilder();
    int used = 0;
    int i = 0;
    while (i < template.length()) {
      char each = template.charAt(i++);
      if (each != '%') {
        out.append(each);
        continue;
      }
      if (i < template.length() && template.charAt(i) == '%') {
        out.append('%');
        i++;
        continue;
      }
      int start = i;
      while (i < template.length() && ".0123456789".indexOf(template.charAt(i)) >= 0) {
        i++;
      }
      if (i == template.length()) {
        throw new EvaluationException("format: unexpected end of the template");
      }
      if (used == list.size()) {
        throw new EvaluationException("format: index " + used + " out of range");
      }
      int precision = precision(template.substring(start, i));
      String text = clause(template.charAt(i++), precision, list.get(used++), frame);
      frame.charge(1 + CallCost.tenth(text.length()));
      out.append(text);
    }
    return out.toString();
  }

  private static int precision(String digits) {
    if (digits.isEmpty()) {
      return PRECISION_DEFAULT;
    }
    try {
      int precision = digits.startsWith(".") ? Integer.parseInt(digits.substring(1)) : -1;
      if (precision >= 0 && precision <= PRECISION_MAX) {
        return precision;
      }
    } catch (NumberFormatException e) {
      throw new EvaluationException("format: bad precision " + digits);
    }
    throw new EvaluationException("format: bad precision " + digits);
  }

  private static String clause(char clause, int precision, Object value, Frame frame) {
    return switch (clause) {
      case 's' -> text(value, frame, 0);
      case 'd' -> whole(value).toString();
      case 'f' -> special(value, fixed(value, precision));
      case 'e' -> special(value, String.format(Locale.ROOT, "%." + precision + "e", real(value)));
      case 'b' -> value instanceof Boolean truth ? (truth ? "1" : "0") : whole(value).toString(2);
      case 'o' -> whole(value).toString(8);
      case 'x' -> hex(value);
      case 'X' -> hex(value).toUpperCase(Locale.ROOT);
      default -> throw new EvaluationException("format: unknown clause %" + clause);
    };
  }

  private static String special(Object value, String usual) {
    return Double.isFinite(real(value)) ? usual : Conversions.printed(real(value));
  }

  private static String fixed(Object value, int precision) {
    double number = real(value);
    return Double.isFinite(number)
        ? new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN).toPlainString()
        : "";
  }

  private static double real(Object value) {
    return switch (value) {
      case Double number -> number;
      case Long number -> (double) number;
      case UnsignedLong number -> number.doubleValue();
      default -> throw EvaluationException.noOverload("format %f");
    };
  }

  private static BigInteger whole(Object value) {
    return switch (value) {
      case Long number -> BigInteger.valueOf(number);
      case UnsignedLong number -> number.bigIntegerValue();
      default -> throw EvaluationException.noOverload("format %d");
    };
  }

  private static String hex(Object value) {
    return switch (value) {
      case String text -> HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
      case Bytes bytes -> HexFormat.of().formatHex(bytes.bytes());
      default -> whole(value).toString(16);
    };
  }

  private static String text(Object value, Frame frame, int depth) {
    frame.charge(1);
    if (depth > DEPTH_MAX) {
      throw new EvaluationException("format: nested too deep");
    }
    return switch (value) {
      case Null _ -> "null";
      case TypeName type -> type.name();
      case ListValue list -> {
        List<String> items = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
          items.add(text(list.get(i), frame, depth + 1));
        }
        yield "[" + String.join(", ", items) + "]";
      }
      case MapValue map -> {
        List<String> members = new ArrayList<>();
        for (Object key : map.keys()) {
          Object member = map.get(key);
          String shown = member == null ? "null" : text(member, frame, depth + 1);
          members.add(text(key, frame, depth + 1) + ": " + shown);
        }
        members.sort(null);
        yield "{" + String.join(", ", members) + "}";
      }
      default -> Conversions.toText(value);
    };
  }
}
