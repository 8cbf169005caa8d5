package dev.otherix.apiserver.cel;

import dev.cel.common.ast.CelExpr;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The most that an expression may cost, from the sizes that the schema allows. One instance
/// estimates one expression.
final class CostEstimate {
  /// @param unbounded the places in the schema without a bound, whose size was guessed
  record Estimate(long cost, Set<String> unbounded) {}

  /// How large a value can get, and its items.
  private record Extent(long size, @Nullable Shape shape, @Nullable Extent element) {
    static final Extent ONE = new Extent(1, null, null);

    static Extent of(Shape shape) {
      return new Extent(shape.maxSize(), shape, null);
    }

    Extent item() {
      if (element != null) {
        return element;
      }
      return shape == null || shape.elementShape() == null ? ONE : of(shape.element());
    }
  }

  private record Priced(long cost, Extent extent) {}

  private final Map<String, Extent> variables = new HashMap<>();
  private final Set<String> unbounded = new LinkedHashSet<>();

  CostEstimate(Map<String, Shape> shapes) {
    shapes.forEach((name, shape) -> variables.put(name, Extent.of(shape)));
  }

  Estimate of(CelExpr expr) {
    Priced priced = price(expr);
    return new Estimate(priced.cost, Set.copyOf(unbounded));
  }

  private Priced price(CelExpr expr) {
    return switch (expr.getKind()) {
      case CONSTANT -> new Priced(0, constant(expr));
      case IDENT -> new Priced(1, variables.getOrDefault(expr.ident().name(), Extent.ONE));
      case SELECT -> select(expr.select());
      case CALL -> call(expr.call());
      case LIST -> list(expr.list());
      case MAP -> map(expr.map());
      case COMPREHENSION -> loop(expr.comprehension());
      case STRUCT, NOT_SET -> new Priced(0, Extent.ONE);
    };
  }

  private static Extent constant(CelExpr expr) {
    return switch (expr.constant().getKind()) {
      case STRING_VALUE -> new Extent(expr.constant().stringValue().length(), null, null);
      case BYTES_VALUE -> new Extent(expr.constant().bytesValue().size(), null, null);
      default -> Extent.ONE;
    };
  }

  private Priced select(CelExpr.CelSelect select) {
    Priced operand = price(select.operand());
    return new Priced(
        CallCost.plus(operand.cost, 1),
        select.testOnly() ? Extent.ONE : member(operand.extent, select.field()));
  }

  private static Extent member(Extent of, String field) {
    Shape shape = of.shape;
    if (shape == null) {
      return of.element == null ? Extent.ONE : of.element;
    }
    Shape.Field own = shape.fields().get(field);
    return own == null ? of.item() : Extent.of(own.shape());
  }

  /// The size of a value that the cost depends on; remembers where it was only guessed.
  private long size(Extent extent) {
    Shape shape = extent.shape;
    if (shape != null && !shape.bounded() && shape.kind() != Shape.Kind.STRUCT) {
      unbounded.add(shape.path());
    }
    return extent.size;
  }

  private Priced call(CelExpr.CelCall call) {
    long cost = 0;
    Extent[] extents = new Extent[call.args().size() + 1];
    int count = 0;
    if (call.target().isPresent()) {
      Priced target = price(call.target().get());
      cost = target.cost;
      extents[count++] = target.extent;
    }
    for (CelExpr each : call.args()) {
      Priced argument = price(each);
      cost = CallCost.plus(cost, argument.cost);
      extents[count++] = argument.extent;
    }
    Extent first = count > 0 ? extents[0] : Extent.ONE;
    Extent second = count > 1 ? extents[1] : Extent.ONE;
    return switch (call.function()) {
      case "_?._" ->
          new Priced(
              CallCost.plus(cost, 1), member(first, call.args().get(1).constant().stringValue()));
      case "_==_", "_!=_" -> new Priced(CallCost.plus(cost, equality(first, second)), Extent.ONE);
      case "_?_:_" -> {
        Extent third = count > 2 ? extents[2] : Extent.ONE;
        yield new Priced(cost, larger(second, third));
      }
      case "_[_]", "_[?_]" -> new Priced(CallCost.plus(cost, 1), first.item());
      case "or", "orValue" -> new Priced(CallCost.plus(cost, 1), larger(first, second));
      case "_&&_", "_||_", "_<_", "_<=_", "_>_", "_>=_", "@not_strictly_false", "size" ->
          new Priced(CallCost.plus(cost, 1), Extent.ONE);
      default -> {
        long own = CallCost.of(call.function(), size(first), size(second));
        if (call.function().equals("@in")) {
          own = CallCost.product(size(second), equality(first, second.item()));
        }
        yield new Priced(CallCost.plus(cost, own), result(call.function(), first, second));
      }
    };
  }

  private static Extent larger(Extent one, Extent other) {
    return one.size >= other.size ? one : other;
  }

  /// What it costs to compare two values to their depth: the smaller one decides.
  private long equality(Extent left, Extent right) {
    return Math.min(depth(left), depth(right));
  }

  private long depth(Extent extent) {
    Shape shape = extent.shape;
    if (shape == null) {
      return extent.element == null
          ? CallCost.plus(1, CallCost.tenth(extent.size))
          : CallCost.plus(1, CallCost.product(extent.size, depth(extent.element)));
    }
    return switch (shape.kind()) {
      case STRUCT -> {
        long sum = 1;
        for (Shape.Field each : shape.fields().values()) {
          sum = CallCost.plus(sum, depth(Extent.of(each.shape())));
        }
        yield sum;
      }
      case LIST, MAP -> CallCost.plus(1, CallCost.product(size(extent), depth(extent.item())));
      default -> CallCost.plus(1, CallCost.tenth(size(extent)));
    };
  }

  private Extent result(String function, Extent first, Extent second) {
    return switch (function) {
      case "_+_" ->
          new Extent(CallCost.plus(first.size, second.size), null, larger(first, second).element);
      case "lowerAscii", "upperAscii", "substring", "trim", "string", "find", "strings.quote" ->
          new Extent(first.size, null, null);
      case "replace", "join", "format" ->
          new Extent(
              CallCost.plus(
                  first.size,
                  CallCost.product(first.size, CallCost.plus(second.size, first.item().size))),
              null,
              null);
      case "split", "findAll" -> new Extent(first.size, null, new Extent(first.size, null, null));
      case "min", "max", "sum" -> first.item();
      case "optional.of", "optional.ofNonZeroValue", "value", "dyn" -> first;
      default -> Extent.ONE;
    };
  }

  private Priced list(CelExpr.CelList list) {
    long cost = CallCost.LIST;
    Extent element = Extent.ONE;
    for (CelExpr each : list.elements()) {
      Priced item = price(each);
      cost = CallCost.plus(cost, item.cost);
      element = larger(item.extent, element);
    }
    return new Priced(cost, new Extent(list.elements().size(), null, element));
  }

  private Priced map(CelExpr.CelMap map) {
    long cost = CallCost.MAP;
    Extent element = Extent.ONE;
    for (CelExpr.CelMap.Entry each : map.entries()) {
      Priced value = price(each.value());
      cost = CallCost.plus(CallCost.plus(cost, price(each.key()).cost), value.cost);
      element = larger(value.extent, element);
    }
    return new Priced(cost, new Extent(map.entries().size(), null, element));
  }

  private Priced loop(CelExpr.CelComprehension loop) {
    Priced range = price(loop.iterRange());
    Priced start = price(loop.accuInit());
    long turns = size(range.extent);
    Map<String, Extent> before = new HashMap<>(variables);
    boolean map = range.extent.shape != null && range.extent.shape.kind() == Shape.Kind.MAP;
    Extent item = range.extent.item();
    Extent key = map ? new Extent(256, null, null) : Extent.ONE;
    variables.put(loop.accuVar(), start.extent);
    if (loop.iterVar2().isEmpty()) {
      variables.put(loop.iterVar(), map ? key : item);
    } else {
      variables.put(loop.iterVar(), key);
      variables.put(loop.iterVar2(), item);
    }
    long turn = CallCost.plus(price(loop.loopCondition()).cost, 1);
    Priced step = price(loop.loopStep());
    turn = CallCost.plus(turn, step.cost);
    boolean collects = loop.accuInit().getKind() == CelExpr.ExprKind.Kind.LIST;
    Extent accumulated =
        collects ? new Extent(turns, null, step.extent.item()) : larger(start.extent, step.extent);
    variables.put(loop.accuVar(), accumulated);
    Priced result = price(loop.result());
    variables.clear();
    variables.putAll(before);
    long cost = CallCost.plus(range.cost, start.cost);
    cost = CallCost.plus(cost, CallCost.product(turns, turn));
    return new Priced(CallCost.plus(cost, result.cost), result.extent);
  }
}
