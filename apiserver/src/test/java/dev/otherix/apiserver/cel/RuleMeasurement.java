package dev.otherix.apiserver.cel;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Measures what rules cost: a program to run by hand, not a test. Prints one line for each figure.
final class RuleMeasurement {
  private static final int KINDS = 300;
  private static final int ROUNDS = 200_000;

  private RuleMeasurement() {}

  public static void main(String[] arguments) {
    long first = System.nanoTime();
    CelRules.problems(kind(0), FieldPath.ROOT);
    print("first compilation of 5 rules, ms", (System.nanoTime() - first) / 1e6);
    for (int i = 0; i < KINDS; i++) {
      CelRules.problems(kind(i), FieldPath.ROOT);
    }
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < KINDS; i++) {
      kinds.add(kind(i));
    }
    List<CelRules> compiled = new ArrayList<>();
    long before = used();
    long start = System.nanoTime();
    for (Kind kind : kinds) {
      CelRules rules = CelRules.compile(kind);
      rules.check(null, object());
      compiled.add(rules);
    }
    print("compilation of one rule, us", (System.nanoTime() - start) / 1e3 / KINDS / 5);
    print("memory of one rule, bytes", (used() - before) / (double) KINDS / 5);
    CelRules rules = compiled.getFirst();
    ObjectNode object = object();
    ObjectNode old = object();
    ((ObjectNode) old.required("spec")).put("n", 1);
    int errors = 0;
    for (int warm = 0; warm < 3; warm++) {
      start = System.nanoTime();
      for (int i = 0; i < ROUNDS; i++) {
        errors += rules.check(old, object).size();
      }
    }
    print("check of 5 rules and a list of 10, ns", (System.nanoTime() - start) / (double) ROUNDS);
    print("errors, must be 0", errors + kinds.size() - compiled.size());
  }

  private static void print(String what, double figure) {
    System.out.printf("%-45s %,12.1f%n", what, figure);
  }

  private static long used() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static Kind kind(int number) {
    String schema =
        "{'type':'object','properties':{'spec':{'type':'object','x-kubernetes-validations':["
            + "{'rule':'self.n >= oldSelf.n','message':'may only grow'},"
            + "{'rule':'self.n < self.max + NUMBER'},"
            + "{'rule':'self.items.all(x, x.size() < 9 && x.startsWith(self.prefix))'}],"
            + "'properties':{'n':{'type':'integer'},'max':{'type':'integer'},"
            + "'prefix':{'type':'string','maxLength':10,"
            + "'x-kubernetes-validations':[{'rule':'self.matches(\\u0022^[a-z]+$\\u0022)'}]},"
            + "'items':{'type':'array','maxItems':10,'x-kubernetes-validations':["
            + "{'rule':'self.size() > 0'}],'items':{'type':'string','maxLength':10}}}}}}";
    return TestKinds.of(TestKinds.object(schema.replace("NUMBER", Integer.toString(number))));
  }

  private static ObjectNode object() {
    ObjectNode object = TestKinds.object("{'spec':{'n':2,'max':9,'prefix':'a','items':[]}}");
    ArrayNode items = (ArrayNode) object.required("spec").required("items");
    for (int i = 0; i < 10; i++) {
      items.add("a" + i);
    }
    return object;
  }
}
