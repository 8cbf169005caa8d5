package dev.otherix.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.FieldPath;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// Random expressions, well-formed and not, against random objects: they compile or are refused,
/// they hold or fail, and nothing else happens. The bound of time is only there to find a hang.
@Tag("slow")
class ExpressionFuzzTest {
  private static final long SEED = Long.getLong("otherix.fuzz.seed", 20_261_121L);
  private static final int ROUNDS = 4000;

  private static final List<String> LEAVES =
      List.of(
          "self.a",
          "self.b",
          "self.l",
          "self.m",
          "self.p",
          "self.l[0]",
          "1",
          "0",
          "-1",
          "1u",
          "2.5",
          "'a'",
          "''",
          "'\u00e9'",
          "true",
          "null",
          "[1, 2]",
          "{'a': 1}",
          "b'x'",
          "x",
          "oldSelf.a",
          "timestamp('2024-01-01T00:00:00Z')",
          "duration('1s')",
          "optional.none()",
          "9223372036854775807",
          "quantity('1Gi')",
          "ip('::1')",
          "self.?q",
          "type(self.p)",
          "self");
  private static final List<String> CALLS =
      List.of(
          "(%s + %s)",
          "(%s - %s)",
          "(%s * %s)",
          "(%s / %s)",
          "(%s %% %s)",
          "(%s == %s)",
          "(%s < %s)",
          "(%s && %s)",
          "(%s || %s)",
          "(%s in %s)",
          "%s[%s]",
          "%s.contains(%s)",
          "%s.matches(%s)",
          "%s.map(x, %s)",
          "%s.filter(x, %s)",
          "%s.all(x, %s)",
          "%s.exists(x, %s)",
          "%s.split(%s)",
          "%s.join(%s)",
          "%s.charAt(%s)",
          "%s.substring(%s)",
          "%s.format([%s])",
          "%s.indexOf(%s)",
          "dyn(%s) == dyn(%s)",
          "%s[?%s]",
          "%s.orValue(%s)",
          "%s.optMap(x, %s)",
          "size(%s) == size(%s)",
          "string(%s) + string(%s)",
          "(true ? %s : %s)",
          "%s.replace(%s, 'z')",
          "int(%s) + int(%s)",
          "sets.contains(%s, %s)",
          "%s.add(%s)",
          "dyn(%s) + dyn(%s)",
          "dyn(%s)[dyn(%s)]",
          "dyn(%s).a == dyn(%s).b",
          "[%s, %s].max()");

  @Test
  void compileAndCheck_randomExpression_neverFailsOtherwise() {
    Random random = new Random(SEED);
    int compiled = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String rule = damaged(random, expression(random, 3));
      String context = "seed " + SEED + ", round " + round + ": " + rule;
      boolean[] sound = new boolean[1];
      assertTimeoutPreemptively(Duration.ofSeconds(20), () -> sound[0] = run(rule), context);
      compiled += sound[0] ? 1 : 0;
    }
    int sound = compiled;
    assertTrue(sound > ROUNDS / 50, () -> "only " + sound + " expressions compiled");
  }

  private static boolean run(String rule) {
    Kind kind = kind("dyn(" + rule + ") == dyn(1) || true");
    boolean sound = CelRules.problems(kind, FieldPath.ROOT).isEmpty();
    ObjectNode object = TestKinds.object("{'a':1,'b':'text','l':[3,1,2],'m':{'k':'v'},'p':'http'}");
    ObjectNode old = TestKinds.object("{'a':2,'b':'','l':[],'m':{},'p':8}");
    CelRules rules = CelRules.compile(kind);
    rules.check(null, object);
    rules.check(old, object);
    rules.check(null, old);
    rules.check(null, TestKinds.object("{}"));
    return sound;
  }

  private static Kind kind(String rule) {
    ObjectNode schema =
        TestKinds.object(
            "{'type':'object','properties':{'a':{'type':'integer'},"
                + "'b':{'type':'string','maxLength':10},'l':{'type':'array','maxItems':9,"
                + "'items':{'type':'integer'}},'m':{'type':'object','maxProperties':4,"
                + "'additionalProperties':{'type':'string','maxLength':9}},"
                + "'p':{'x-kubernetes-int-or-string':true},'q':{'type':'integer'}}}");
    schema.putArray("x-kubernetes-validations").addObject().put("rule", rule).put("message", "m");
    return TestKinds.of(schema);
  }

  private static String expression(Random random, int depth) {
    if (depth == 0 || random.nextInt(5) == 0) {
      return LEAVES.get(random.nextInt(LEAVES.size()));
    }
    return CALLS
        .get(random.nextInt(CALLS.size()))
        .formatted(expression(random, depth - 1), expression(random, depth - 1));
  }

  /// One in ten gets a character wrong.
  private static String damaged(Random random, String text) {
    if (random.nextInt(10) != 0) {
      return text;
    }
    int at = random.nextInt(text.length());
    char with = "()[]{}'\"\\.,?:&|%\u0000\n\ud83d".charAt(random.nextInt(19));
    return text.substring(0, at) + with + text.substring(at + 1);
  }
}
