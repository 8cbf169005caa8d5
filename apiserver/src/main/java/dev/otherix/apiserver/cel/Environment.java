package dev.otherix.apiserver.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import dev.cel.parser.CelStandardMacro;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Names and types under which expressions are compiled. Immutable, thread-safe.
final class Environment {
  /// Of one expression.
  static final int CHARACTERS_MAX = 16_384;

  private static final int DEPTH_MAX = 100;
  private static final int NODES_MAX = 10_000;
  private static final List<CelFunctionDecl> FUNCTIONS = Library.declarations();
  private static final CelOptions OPTIONS =
      CelOptions.current()
          .maxExpressionCodePointSize(CHARACTERS_MAX)
          .maxParseRecursionDepth(DEPTH_MAX)
          .maxParseExpressionNodeCount(NODES_MAX)
          .enableOptionalSyntax(true)
          .enableHiddenAccumulatorVar(true)
          .enableHeterogeneousNumericComparisons(true)
          .enableReservedIds(true)
          .build();

  private final CelCompiler compiler;
  private final Map<String, Shape> shapes;
  private final List<String> variables;

  private Environment(CelCompiler compiler, Map<String, Shape> shapes, List<String> variables) {
    this.compiler = compiler;
    this.shapes = shapes;
    this.variables = variables;
  }

  /// @param types of the variables; their order is that of the slots
  /// @param shapes of those variables whose sizes are known
  static Environment of(Map<String, CelType> types, Map<String, Shape> shapes) {
    Map<String, CelType> structs = new HashMap<>();
    shapes.values().forEach(each -> collect(each, structs));
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addMacros(
                CelMacro.newReceiverMacro("optMap", 2, (f, t, a) -> opt(f, t, a, true)),
                CelMacro.newReceiverMacro("optFlatMap", 2, (f, t, a) -> opt(f, t, a, false)))
            .addFunctionDeclarations(FUNCTIONS)
            .setTypeProvider(new Structs(ImmutableMap.copyOf(structs)));
    types.forEach(builder::addVar);
    return new Environment(builder.build(), Map.copyOf(shapes), List.copyOf(types.keySet()));
  }

  private record Structs(ImmutableMap<String, CelType> byName) implements CelTypeProvider {
    @Override
    public ImmutableCollection<CelType> types() {
      return byName.values();
    }

    @Override
    public Optional<CelType> findType(String name) {
      return Optional.ofNullable(byName.get(name));
    }
  }

  private static void collect(Shape shape, Map<String, CelType> structs) {
    if (shape.kind() == Shape.Kind.STRUCT) {
      structs.put(shape.type().name(), shape.type());
      shape.fields().values().forEach(each -> collect(each.shape(), structs));
    } else if (shape.elementShape() != null) {
      collect(shape.elementShape(), structs);
    }
  }

  /// `x.optMap(v, e)`: e with x's value as v, as an optional.
  private static Optional<CelExpr> opt(
      CelMacroExprFactory factory, CelExpr target, ImmutableList<CelExpr> arguments, boolean wrap) {
    CelExpr variable = arguments.get(0);
    if (variable.getKind() != CelExpr.ExprKind.Kind.IDENT) {
      return Optional.of(factory.reportError("the first argument must be a plain name"));
    }
    CelExpr body = arguments.get(1);
    CelExpr mapped =
        factory.fold(
            "#unused",
            factory.newList(),
            variable.ident().name(),
            factory.newReceiverCall("value", factory.copy(target)),
            factory.newBoolLiteral(false),
            factory.newIdentifier(variable.ident().name()),
            body);
    return Optional.of(
        factory.newGlobalCall(
            "_?_:_",
            factory.newReceiverCall("hasValue", factory.copy(target)),
            wrap ? factory.newGlobalCall("optional.of", mapped) : mapped,
            factory.newGlobalCall("optional.none")));
  }

  /// @throws CompileException that says where the text is wrong
  Expression compile(String text) {
    CelAbstractSyntaxTree tree;
    try {
      tree = compiler.compile(text).getAst();
    } catch (CelValidationException e) {
      List<String> issues = new ArrayList<>();
      e.getErrors().forEach(each -> issues.add(each.getMessage()));
      throw new CompileException(String.join("; ", issues));
    }
    return new NodeCompiler(tree, variables).compile(shapes);
  }
}
