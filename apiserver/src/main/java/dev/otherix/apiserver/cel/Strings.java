package dev.otherix.apiserver.cel;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Texts and regular expressions. Positions count code points.
final class Strings {
  private Strings() {}

  static void addTo(Map<String, Function> functions) {
    functions.put("contains", (a, _) -> text(a, 0).contains(text(a, 1)));
    functions.put("startsWith", (a, _) -> text(a, 0).startsWith(text(a, 1)));
    functions.put("endsWith", (a, _) -> text(a, 0).endsWith(text(a, 1)));
    functions.put("matches", (a, _) -> pattern(text(a, 1)).matcher(text(a, 0)).find());
    functions.put("find", (a, _) -> find(text(a, 0), text(a, 1)));
    functions.put("findAll", (a, _) -> findAll(text(a, 0), text(a, 1), limit(a, 2)));
    functions.put("charAt", (a, _) -> charAt(text(a, 0), Functions.index(a[1], "charAt")));
    functions.put("indexOf", (a, _) -> indexOf(a));
    functions.put("lastIndexOf", (a, _) -> lastIndexOf(a));
    functions.put("lowerAscii", (a, _) -> mapped(text(a, 0), 'A', 'Z', 'a' - 'A'));
    functions.put("upperAscii", (a, _) -> mapped(text(a, 0), 'a', 'z', 'A' - 'a'));
    functions.put("replace", (a, frame) -> replace(a, frame));
    functions.put("split", (a, _) -> split(text(a, 0), text(a, 1), limit(a, 2)));
    functions.put("substring", (a, _) -> substring(a));
    functions.put("trim", (a, _) -> text(a, 0).strip());
    functions.put("join", (a, frame) -> join(a, frame));
    functions.put("strings.quote", (a, _) -> quote(text(a, 0)));
    functions.put("format", (a, frame) -> TextFormat.format(text(a, 0), a[1], frame));
  }

  private static String text(Object[] arguments, int index) {
    return Functions.text(arguments[index], "string expected");
  }

  private static int limit(Object[] arguments, int index) {
    return index < arguments.length ? Functions.index(arguments[index], "limit") : -1;
  }

  /// @throws EvaluationException where it is no RE2 expression
  static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new EvaluationException("illegal regex: " + e.getDescription());
    }
  }

  private static String find(String text, String regex) {
    Matcher matcher = pattern(regex).matcher(text);
    return matcher.find() ? matcher.group() : "";
  }

  private static ListValue findAll(String text, String regex, int limit) {
    List<Object> found = new ArrayList<>();
    Matcher matcher = pattern(regex).matcher(text);
    while ((limit < 0 || found.size() < limit) && matcher.find()) {
      found.add(matcher.group());
    }
    return new ListValue.Items(found);
  }

  private static int units(String text, int codePoints) {
    int length = text.codePointCount(0, text.length());
    if (codePoints < 0 || codePoints > length) {
      throw new EvaluationException("index out of range: " + codePoints);
    }
    return text.offsetByCodePoints(0, codePoints);
  }

  private static String charAt(String text, int index) {
    int at = units(text, index);
    return at == text.length() ? "" : Character.toString(text.codePointAt(at));
  }

  private static Object indexOf(Object[] a) {
    if (a[0] instanceof ListValue) {
      throw EvaluationException.noOverload("indexOf");
    }
    String text = text(a, 0);
    int from = a.length > 2 ? units(text, Functions.index(a[2], "indexOf")) : 0;
    int at = text.indexOf(text(a, 1), from);
    return at < 0 ? -1L : (long) text.codePointCount(0, at);
  }

  private static Object lastIndexOf(Object[] a) {
    String text = text(a, 0);
    int from = a.length > 2 ? units(text, Functions.index(a[2], "lastIndexOf")) : text.length();
    int at = text.lastIndexOf(text(a, 1), from);
    return at < 0 ? -1L : (long) text.codePointCount(0, at);
  }

  private static String mapped(String text, char first, char last, int by) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      out.append(each >= first && each <= last ? (char) (each + by) : each);
    }
    return out.toString();
  }

  private static String replace(Object[] a, Frame frame) {
    String text = text(a, 0);
    String old = text(a, 1);
    String with = text(a, 2);
    int limit = limit(a, 3);
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (int done = 0; limit < 0 || done < limit; done++) {
      int at = old.isEmpty() ? (done == 0 ? 0 : next(text, from)) : text.indexOf(old, from);
      if (at < 0) {
        break;
      }
      frame.charge(1 + CallCost.tenth(with.length()));
      out.append(text, from, at).append(with);
      from = at + old.length();
    }
    return out.append(text, from, text.length()).toString();
  }

  private static int next(String text, int from) {
    return from >= text.length() ? -1 : text.offsetByCodePoints(from, 1);
  }

  private static ListValue split(String text, String by, int limit) {
    List<Object> parts = new ArrayList<>();
    if (limit == 0) {
      return new ListValue.Items(parts);
    }
    int from = 0;
    while (limit < 0 || parts.size() < limit - 1) {
      int at = by.isEmpty() ? next(text, from) : text.indexOf(by, from);
      if (at < 0 || (by.isEmpty() && at >= text.length())) {
        break;
      }
      parts.add(text.substring(from, at));
      from = at + by.length();
    }
    if (!by.isEmpty() || !text.isEmpty()) {
      parts.add(text.substring(from));
    }
    return new ListValue.Items(parts);
  }

  private static String substring(Object[] a) {
    String text = text(a, 0);
    int start = Functions.index(a[1], "substring");
    int from = units(text, start);
    if (a.length == 2) {
      return text.substring(from);
    }
    int end = Functions.index(a[2], "substring");
    if (end < start) {
      throw new EvaluationException("invalid substring range. start: " + start + ", end: " + end);
    }
    return text.substring(from, units(text, end));
  }

  private static String join(Object[] a, Frame frame) {
    ListValue list = Functions.list(a[0], "join");
    String between = a.length > 1 ? text(a, 1) : "";
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < list.size(); i++) {
      String each = Functions.text(list.get(i), "join");
      frame.charge(CallCost.tenth((long) each.length() + between.length()));
      out.append(i == 0 ? "" : between).append(each);
    }
    return out.toString();
  }

  private static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      switch (each) {
        case '\u0007' -> out.append("\\a");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\u000b' -> out.append("\\v");
        case '\\' -> out.append("\\\\");
        case '"' -> out.append("\\\"");
        default -> out.append(each);
      }
    }
    return out.append('"').toString();
  }
}
