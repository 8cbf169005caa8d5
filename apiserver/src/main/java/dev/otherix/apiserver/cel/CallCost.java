package dev.otherix.apiserver.cel;

/// What a call costs by the sizes of what it is given. One table for the estimate before and the
/// account during an evaluation, so that they cannot drift apart.
final class CallCost {
  static final long LIST = 10;
  static final long MAP = 30;

  private static final double CHARACTER = 0.1;
  private static final double REGEX_CHARACTER = 0.25;

  private CallCost() {}

  /// @param first the size of the target, or of the first argument
  /// @param second the size of the next argument; 0 where there is none
  static long of(String function, long first, long second) {
    return switch (function) {
      case "contains", "indexOf", "lastIndexOf" ->
          plus(1, product(tenth(first), Math.max(1, tenth(second))));
      case "matches", "find", "findAll" -> plus(1, product(1 + tenth(first), regex(second)));
      case "startsWith", "endsWith" -> 1 + tenth(second);
      case "@in",
          "sum",
          "min",
          "max",
          "isSorted",
          "reverse",
          "flatten",
          "distinct",
          "sort",
          "slice" ->
          plus(1, first > 1 ? first : second);
      case "_+_", "join", "format" -> plus(1, tenth(plus(first, second)));
      case "charAt",
          "lowerAscii",
          "upperAscii",
          "replace",
          "split",
          "substring",
          "trim",
          "string",
          "bytes",
          "int",
          "uint",
          "double",
          "bool",
          "duration",
          "timestamp",
          "quantity",
          "isQuantity",
          "url",
          "isURL",
          "ip",
          "isIP",
          "cidr",
          "isCIDR",
          "ip.isCanonical",
          "validate",
          "strings.quote" ->
          plus(1, tenth(first));
      case "sets.contains", "sets.intersects", "sets.equivalent" -> plus(1, product(first, second));
      default -> 1;
    };
  }

  static long tenth(long size) {
    return (long) Math.ceil(size * CHARACTER);
  }

  private static long regex(long size) {
    return Math.max(1, (long) Math.ceil(size * REGEX_CHARACTER));
  }

  static long plus(long left, long right) {
    long sum = left + right;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  static long product(long left, long right) {
    long high = Math.multiplyHigh(left, right);
    long low = left * right;
    return high != 0 || low < 0 ? Long.MAX_VALUE : low;
  }
}
