package dev.otherix.apimachinery.schema;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A regular expression of the plain kind that most schemas use, such as `^[a-z][a-z0-9-]*$`:
/// anchored at both ends, a sequence of ASCII character classes, each with a count. It is decided
/// in one pass, a hundred times faster than the general engine does. Made only where greedy
/// matching is exact: a class of variable count is last, or shares no character with its follower.
final class SimplePattern {
  private static final String META = "^$.|?*+()[]{}\\";
  private static final int COUNT_MAX = 1000;

  /// Characters as bits, and how many of them may follow each other.
  private record Step(long low, long high, int min, int max) {
    boolean has(char c) {
      return c < 64 ? (low >>> c & 1) != 0 : c < 128 && (high >>> (c - 64) & 1) != 0;
    }

    boolean meets(Step other) {
      return (low & other.low) != 0 || (high & other.high) != 0;
    }
  }

  private final Step[] steps;

  private SimplePattern(List<Step> steps) {
    this.steps = steps.toArray(Step[]::new);
  }

  boolean matches(String text) {
    int at = 0;
    for (Step step : steps) {
      int start = at;
      while (at < text.length() && at - start < step.max && step.has(text.charAt(at))) {
        at++;
      }
      if (at - start < step.min) {
        return false;
      }
    }
    return at == text.length();
  }

  /// Null for a pattern that is not of this kind.
  static @Nullable SimplePattern of(String regex) {
    if (regex.length() < 2 || regex.charAt(0) != '^' || !regex.endsWith("$")) {
      return null;
    }
    List<Step> steps = new Reader(regex.substring(1, regex.length() - 1)).read();
    if (steps == null) {
      return null;
    }
    for (int i = 0; i + 1 < steps.size(); i++) {
      Step step = steps.get(i);
      if (step.min != step.max) {
        // A follower that may be absent would let the one behind it meet this one.
        Step next = steps.get(i + 1);
        if (next.min == 0 || step.meets(next)) {
          return null;
        }
      }
    }
    return new SimplePattern(steps);
  }

  private static final class Reader {
    private final String text;
    private int at;
    private long low;
    private long high;

    Reader(String text) {
      this.text = text;
    }

    @Nullable List<Step> read() {
      List<Step> steps = new ArrayList<>();
      while (at < text.length()) {
        low = 0;
        high = 0;
        if (!characters()) {
          return null;
        }
        int min = 1;
        int max = 1;
        char quantifier = at < text.length() ? text.charAt(at) : 'x';
        if (quantifier == '*' || quantifier == '+' || quantifier == '?') {
          at++;
          min = quantifier == '+' ? 1 : 0;
          max = quantifier == '?' ? 1 : Integer.MAX_VALUE;
        } else if (quantifier == '{') {
          at++;
          min = number();
          max = min;
          if (at < text.length() && text.charAt(at) == ',') {
            at++;
            boolean open = at < text.length() && text.charAt(at) == '}';
            max = open ? Integer.MAX_VALUE : number();
          }
          if (min < 0 || max < min || at >= text.length() || text.charAt(at++) != '}') {
            return null;
          }
        }
        steps.add(new Step(low, high, min, max));
      }
      return steps;
    }

    private boolean characters() {
      char c = text.charAt(at++);
      if (c == '\\') {
        return at < text.length() && punctuation(text.charAt(at)) && add(text.charAt(at++));
      }
      if (c != '[') {
        return META.indexOf(c) < 0 && add(c);
      }
      while (at < text.length() && text.charAt(at) != ']') {
        char from = text.charAt(at++);
        if (from == '[' || from == '^' || from == '\\') {
          return false;
        }
        boolean range =
            at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']';
        char to = range ? text.charAt(at + 1) : from;
        at += range ? 2 : 0;
        if (to < from || to == '[' || to == '\\') {
          return false;
        }
        for (char each = from; each <= to; each++) {
          if (!add(each)) {
            return false;
          }
        }
      }
      return at++ < text.length() && (low | high) != 0;
    }

    private static boolean punctuation(char c) {
      return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
    }

    private boolean add(char c) {
      if (c < 64) {
        low |= 1L << c;
      } else if (c < 128) {
        high |= 1L << (c - 64);
      }
      return c < 128;
    }

    /// The number at this place, or -1.
    private int number() {
      int value = -1;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        value = Math.max(value, 0) * 10 + (text.charAt(at++) - '0');
        if (value > COUNT_MAX) {
          return -1;
        }
      }
      return value;
    }
  }
}
