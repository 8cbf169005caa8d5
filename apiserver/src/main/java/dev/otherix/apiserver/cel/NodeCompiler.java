package dev.otherix.apiserver.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelReference;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns a checked syntax tree into [Node]s. One instance compiles one expression.
final class NodeCompiler {
  private final CelAbstractSyntaxTree tree;
  private final List<String> globals;
  private final Map<String, Integer> slots = new HashMap<>();
  private final Set<String> used = new HashSet<>();
  private int slotCount;

  NodeCompiler(CelAbstractSyntaxTree tree, List<String> variables) {
    this.tree = tree;
    this.globals = variables;
    for (String variable : variables) {
      slots.put(variable, slotCount++);
    }
  }

  Expression compile(Map<String, Shape> shapes) {
    Node root = node(tree.getExpr());
    CostEstimate.Estimate estimate = new CostEstimate(shapes).of(tree.getExpr());
    return new Expression(root, slotCount, tree.getResultType(), Set.copyOf(used), estimate);
  }

  private Node node(CelExpr expr) {
    return switch (expr.getKind()) {
      case CONSTANT -> new Node.Constant(constant(expr.constant()));
      case IDENT -> name(expr.ident().name(), expr.id());
      case SELECT -> select(expr);
      case CALL -> call(expr);
      case LIST -> list(expr.list());
      case MAP -> map(expr.map());
      case COMPREHENSION -> loop(expr.comprehension());
      case STRUCT -> throw new CompileException("objects cannot be made here");
      case NOT_SET -> throw new CompileException("an empty expression");
    };
  }

  private static Object constant(CelConstant constant) {
    return switch (constant.getKind()) {
      case NULL_VALUE -> Null.NULL;
      case BOOLEAN_VALUE -> constant.booleanValue();
      case INT64_VALUE -> constant.int64Value();
      case UINT64_VALUE -> constant.uint64Value();
      case DOUBLE_VALUE -> constant.doubleValue();
      case STRING_VALUE -> constant.stringValue();
      case BYTES_VALUE -> new Bytes(constant.bytesValue().toByteArray());
      case DURATION_VALUE, TIMESTAMP_VALUE, NOT_SET ->
          throw new CompileException("no such literal: " + constant.getKind());
    };
  }

  private Node name(String name, long id) {
    Integer slot = slots.get(name.startsWith(".") ? name.substring(1) : name);
    if (slot != null) {
      if (globals.contains(name)) {
        used.add(name);
      }
      return new Node.Variable(slot);
    }
    return constantNamed(name, id);
  }

  /// A type where a value stands, such as `string` in `type(x) == string`.
  private Node constantNamed(String name, long id) {
    CelReference reference = tree.getReference(id).orElse(null);
    if (reference != null && reference.value().isPresent()) {
      return new Node.Constant(constant(reference.value().get()));
    }
    CelType type = tree.getType(id).orElse(null);
    if (type != null && type.kind() == CelKind.TYPE) {
      return new Node.Constant(new TypeName(name));
    }
    throw new CompileException("undeclared reference to '" + name + "'");
  }

  private Node select(CelExpr expr) {
    CelReference reference = tree.getReference(expr.id()).orElse(null);
    if (reference != null && !expr.select().testOnly()) {
      return constantNamed(reference.name(), expr.id());
    }
    Node operand = node(expr.select().operand());
    String field = expr.select().field();
    return expr.select().testOnly()
        ? new Node.Has(operand, field)
        : new Node.Select(operand, field);
  }

  private Node call(CelExpr expr) {
    CelExpr.CelCall call = expr.call();
    List<Node> arguments = new ArrayList<>();
    call.target().ifPresent(target -> arguments.add(node(target)));
    String name = call.function();
    if (name.equals("_?._")) {
      String field = call.args().get(1).constant().stringValue();
      return new Node.OptionalSelect(node(call.args().get(0)), field);
    }
    call.args().forEach(each -> arguments.add(node(each)));
    return switch (name) {
      case "_&&_" -> logic(arguments, false);
      case "_||_" -> logic(arguments, true);
      case "_?_:_" -> new Node.Choice(arguments.get(0), arguments.get(1), arguments.get(2));
      case "@not_strictly_false" -> new Node.NotStrictlyFalse(arguments.getFirst());
      case "or" -> new Node.Otherwise(arguments.get(0), arguments.get(1), false);
      case "orValue" -> new Node.Otherwise(arguments.get(0), arguments.get(1), true);
      default -> function(name, arguments);
    };
  }

  private static Node logic(List<Node> operands, boolean decisive) {
    Node all = operands.getFirst();
    for (Node each : operands.subList(1, operands.size())) {
      all = new Node.Logic(all, each, decisive);
    }
    return all;
  }

  private static Node function(String name, List<Node> arguments) {
    Function function = Functions.named(name);
    if (function == null) {
      throw new CompileException("the function '" + name + "' is not served here");
    }
    Node call = new Node.Call(name, function, List.copyOf(arguments));
    boolean early =
        (name.equals("timestamp") || name.equals("duration"))
            && arguments.getFirst() instanceof Node.Constant;
    return early ? folded(call) : call;
  }

  /// A literal date or duration is wrong now rather than at every evaluation.
  private static Node folded(Node call) {
    try {
      Object value = call.eval(new Frame(0, Budget.PER_EXPRESSION));
      return value instanceof Instant || value instanceof Duration
          ? new Node.Constant(value)
          : call;
    } catch (EvaluationException e) {
      throw new CompileException(e.getMessage());
    }
  }

  private Node.MakeList list(CelExpr.CelList list) {
    List<Node> items = new ArrayList<>();
    list.elements().forEach(each -> items.add(node(each)));
    return new Node.MakeList(List.copyOf(items), List.copyOf(list.optionalIndices()));
  }

  private Node map(CelExpr.CelMap map) {
    List<Node.MapEntry> entries = new ArrayList<>();
    for (CelExpr.CelMap.Entry each : map.entries()) {
      entries.add(new Node.MapEntry(node(each.key()), node(each.value()), each.optionalEntry()));
    }
    return new Node.MakeMap(List.copyOf(entries));
  }

  private Node loop(CelExpr.CelComprehension loop) {
    Node range = node(loop.iterRange());
    Node start = node(loop.accuInit());
    boolean collects = loop.accuInit().getKind() == CelExpr.ExprKind.Kind.LIST;
    Integer hiddenAccumulator = slots.put(loop.accuVar(), slotCount);
    int accumulator = slotCount++;
    Integer hiddenFirst = slots.put(loop.iterVar(), slotCount);
    int first = slotCount++;
    boolean pair = !loop.iterVar2().isEmpty();
    Integer hiddenSecond = pair ? slots.put(loop.iterVar2(), slotCount) : null;
    int second = pair ? slotCount++ : -1;
    Node condition = node(loop.loopCondition());
    Node step = collects ? collecting(loop.loopStep(), loop.accuVar()) : node(loop.loopStep());
    if (pair) {
      restore(loop.iterVar2(), hiddenSecond);
    }
    restore(loop.iterVar(), hiddenFirst);
    Node result = node(loop.result());
    restore(loop.accuVar(), hiddenAccumulator);
    return new Node.Loop(range, first, second, accumulator, start, condition, step, result);
  }

  private void restore(String name, @Nullable Integer slot) {
    if (slot == null) {
      slots.remove(name);
    } else {
      slots.put(name, slot);
    }
  }

  /// The step of `map` and `filter`, which adds to the list that the loop makes.
  private Node collecting(CelExpr step, String accumulator) {
    if (step.getKind() == CelExpr.ExprKind.Kind.CALL) {
      CelExpr.CelCall call = step.call();
      if (call.function().equals("_?_:_")) {
        return new Node.Choice(
            node(call.args().get(0)),
            collecting(call.args().get(1), accumulator),
            collecting(call.args().get(2), accumulator));
      }
      if (call.function().equals("_+_")
          && call.args().get(0).identOrDefault().name().equals(accumulator)
          && call.args().get(1).getKind() == CelExpr.ExprKind.Kind.LIST) {
        Integer slot = slots.get(accumulator);
        if (slot == null) {
          throw new IllegalStateException("a loop without accumulator");
        }
        return new Node.Append(slot, list(call.args().get(1).list()));
      }
    }
    return node(step);
  }
}
