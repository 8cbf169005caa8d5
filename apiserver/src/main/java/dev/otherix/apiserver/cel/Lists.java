package dev.otherix.apiserver.cel;

import java.time.Duration;
import java.util.Map;

/// Lists and lists as sets.
final class Lists {
  private Lists() {}

  static void addTo(Map<String, Function> functions) {
    functions.put("isSorted", (a, _) -> sorted(Functions.list(a[0], "isSorted")));
    functions.put("sum", (a, frame) -> sum(Functions.list(a[0], "sum"), frame));
    functions.put("min", (a, _) -> extreme(Functions.list(a[0], "min"), -1));
    functions.put("max", (a, _) -> extreme(Functions.list(a[0], "max"), 1));
    Functions.share(
        functions, "indexOf", ListValue.class, (a, f) -> indexOf((ListValue) a[0], a[1], f));
    Functions.share(
        functions,
        "lastIndexOf",
        ListValue.class,
        (a, f) -> lastIndexOf((ListValue) a[0], a[1], f));
    functions.put("sets.contains", (a, f) -> containsAll(list(a, 0), list(a, 1), f));
    functions.put(
        "sets.equivalent",
        (a, f) -> containsAll(list(a, 0), list(a, 1), f) && containsAll(list(a, 1), list(a, 0), f));
    functions.put("sets.intersects", (a, f) -> intersects(list(a, 0), list(a, 1), f));
  }

  private static ListValue list(Object[] arguments, int index) {
    return Functions.list(arguments[index], "sets");
  }

  private static Object sorted(ListValue list) {
    for (int i = 1; i < list.size(); i++) {
      Integer order = Values.compare(list.get(i - 1), list.get(i), "isSorted");
      if (order == null || order > 0) {
        return false;
      }
    }
    return true;
  }

  private static Object sum(ListValue list, Frame frame) {
    Function plus = Functions.named("_+_");
    if (plus == null) {
      throw new IllegalStateException("no addition");
    }
    if (list.size() == 0) {
      return 0L;
    }
    Object sum = list.get(0);
    if (!Values.isNumber(sum) && !(sum instanceof Duration)) {
      throw EvaluationException.noOverload("sum");
    }
    for (int i = 1; i < list.size(); i++) {
      sum = plus.apply(new Object[] {sum, list.get(i)}, frame);
    }
    return sum;
  }

  private static Object extreme(ListValue list, int sign) {
    if (list.size() == 0) {
      throw new EvaluationException(
          (sign < 0 ? "min" : "max") + " called on an empty list: it has none");
    }
    Object extreme = list.get(0);
    for (int i = 1; i < list.size(); i++) {
      Integer order = Values.compare(list.get(i), extreme, sign < 0 ? "min" : "max");
      if (order != null && Integer.signum(order) == sign) {
        extreme = list.get(i);
      }
    }
    return extreme;
  }

  private static Object indexOf(ListValue list, Object wanted, Frame frame) {
    for (int i = 0; i < list.size(); i++) {
      if (Values.equal(list.get(i), wanted, frame)) {
        return (long) i;
      }
    }
    return -1L;
  }

  private static Object lastIndexOf(ListValue list, Object wanted, Frame frame) {
    for (int i = list.size() - 1; i >= 0; i--) {
      if (Values.equal(list.get(i), wanted, frame)) {
        return (long) i;
      }
    }
    return -1L;
  }

  private static boolean containsAll(ListValue list, ListValue wanted, Frame frame) {
    for (int i = 0; i < wanted.size(); i++) {
      if (!Values.contains(list, wanted.get(i), frame)) {
        return false;
      }
    }
    return true;
  }

  private static Object intersects(ListValue one, ListValue other, Frame frame) {
    for (int i = 0; i < other.size(); i++) {
      if (Values.contains(one, other.get(i), frame)) {
        return true;
      }
    }
    return false;
  }
}
