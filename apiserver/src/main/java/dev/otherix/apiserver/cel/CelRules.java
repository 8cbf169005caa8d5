package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The rules in CEL of one kind (`x-kubernetes-validations`). Immutable but for the moment of
/// compilation, which is the first use; thread-safe.
public final class CelRules {
  private final SchemaNode schema;
  private final LongConsumer compiledIn;
  private final LongConsumer evaluatedIn;
  private final Object lock = new Object();
  private volatile @Nullable RuleLevel compiled;

  private CelRules(SchemaNode schema, LongConsumer compiledIn, LongConsumer evaluatedIn) {
    this.schema = schema;
    this.compiledIn = compiledIn;
    this.evaluatedIn = evaluatedIn;
  }

  /// Does not compile yet: of many kinds that are served few are ever written to.
  public static CelRules compile(Kind kind) {
    return new CelRules(kind.schema(), _ -> {}, _ -> {});
  }

  /// The same rules.
  ///
  /// @param compiled told how long compiling took, in nanoseconds
  /// @param evaluated told how long each check took, if there are rules at all
  public CelRules measured(LongConsumer compiled, LongConsumer evaluated) {
    return new CelRules(schema, compiled, evaluated);
  }

  /// What is wrong with the rules of a kind that somebody wants to define: what does not compile,
  /// and what may cost too much.
  ///
  /// @param path where the schema stands in the definition
  public static List<FieldError> problems(Kind kind, FieldPath path) {
    RuleCompiler compiler = new RuleCompiler();
    compiler.compile(kind.schema(), path);
    return compiler.problems();
  }

  /// Applies every rule. An error in a part that equals the stored one is forgiven, unless the rule
  /// compares the two.
  ///
  /// @param old what is stored; null on creation, when rules that compare are skipped
  /// @param object after defaulting, pruning and validation against the schema; not changed
  public List<FieldError> check(@Nullable ObjectNode old, ObjectNode object) {
    RuleLevel root = compiled();
    if (root.isEmpty()) {
      return List.of();
    }
    long began = System.nanoTime();
    RuleRun run = new RuleRun(new Budget());
    run.check(root, object, old, false, FieldPath.ROOT);
    evaluatedIn.accept(System.nanoTime() - began);
    return run.errors();
  }

  private RuleLevel compiled() {
    RuleLevel done = compiled;
    if (done != null) {
      return done;
    }
    synchronized (lock) {
      done = compiled;
      if (done == null) {
        long began = System.nanoTime();
        done = new RuleCompiler().compile(schema, FieldPath.ROOT);
        compiledIn.accept(System.nanoTime() - began);
        compiled = done;
      }
      return done;
    }
  }
}
