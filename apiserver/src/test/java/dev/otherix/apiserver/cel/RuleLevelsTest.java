package dev.otherix.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.OpenApiV3;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Where rules stand, what they are held against, and what they may cost.
class RuleLevelsTest {
  private static final String KEYED =
      """
      {'type':'object','properties':{'spec':{'type':'object','properties':{
        'items':{'type':'array','maxItems':10,'x-kubernetes-list-type':'map',
          'x-kubernetes-list-map-keys':['k'],
          'items':{'type':'object','required':['k'],
            'x-kubernetes-validations':[
              {'rule':'self.v >= oldSelf.v','message':'may only grow'},
              {'rule':'self.v < 100'}],
            'properties':{'k':{'type':'string','maxLength':9},'v':{'type':'integer'}}}}}}}}
      """;

  private static List<String> check(String schema, @Nullable String old, String object) {
    Kind kind = TestKinds.of(TestKinds.object(schema));
    assertEquals(List.of(), CelRules.problems(kind, FieldPath.ROOT));
    return CelRules.compile(kind)
        .check(old == null ? null : TestKinds.object(old), TestKinds.object(object))
        .stream()
        .map(FieldError::toString)
        .toList();
  }

  private static List<String> problems(String schema) {
    Kind kind = TestKinds.of(TestKinds.object(schema));
    return CelRules.problems(kind, FieldPath.ROOT.child("s")).stream()
        .map(FieldError::toString)
        .toList();
  }

  @Test
  void check_keyedItem_comparesWithTheOneOfTheSameKey() {
    String old = "{'spec':{'items':[{'k':'a','v':5},{'k':'b','v':1}]}}";
    assertEquals(
        List.of(), check(KEYED, old, "{'spec':{'items':[{'k':'b','v':2},{'k':'a','v':5}]}}"));
    assertEquals(
        List.of("spec.items[1]: Invalid value: \"object\": may only grow"),
        check(KEYED, old, "{'spec':{'items':[{'k':'b','v':2},{'k':'a','v':4}]}}"));
    assertEquals(List.of(), check(KEYED, old, "{'spec':{'items':[{'k':'new','v':-1}]}}"));
  }

  @Test
  void check_unchangedItem_isForgiven() {
    String old = "{'spec':{'items':[{'k':'a','v':500}]}}";
    String more = "{'spec':{'items':[{'k':'a','v':500},{'k':'b','v':600}]}}";
    assertEquals(
        List.of("spec.items[1]: Invalid value: \"object\": failed rule: self.v < 100"),
        check(KEYED, old, more));
    assertEquals(
        List.of("spec.items[0]: Invalid value: \"object\": failed rule: self.v < 100"),
        check(KEYED, null, old));
    assertEquals(
        List.of("spec.items[0]: Invalid value: \"object\": failed rule: self.v < 100"),
        check(KEYED, old, "{'spec':{'items':[{'k':'a','v':501}]}}"));
  }

  @Test
  void check_itemsOfAtomicList_areForgivenOnlyTogether() {
    String schema =
        "{'type':'object','properties':{'l':{'type':'array','maxItems':5,'items':{'type':'integer',"
            + "'x-kubernetes-validations':[{'rule':'self < 5'}]}}}}";
    assertEquals(List.of(), check(schema, "{'l':[9]}", "{'l':[9]}"));
    assertEquals(
        List.of("l[0]: Invalid value: 9: failed rule: self < 5"),
        check(schema, "{'l':[9]}", "{'l':[9,1]}"));
  }

  @Test
  void check_mapValues_haveTheirKeyInThePath() {
    String schema =
        "{'type':'object','properties':{'m':{'type':'object','maxProperties':5,"
            + "'additionalProperties':{'type':'integer','x-kubernetes-validations':["
            + "{'rule':'self >= oldSelf','messageExpression':"
            + "'\\\"was \\\" + string(oldSelf)','reason':'FieldValueForbidden'}]}}}}"
                .replace("\\\"", "\\u0022");
    assertEquals(
        List.of("m[a]: Forbidden: was 3"),
        check(schema, "{'m':{'a':3,'b':1}}", "{'m':{'a':2,'b':1,'c':0}}"));
  }

  @Test
  void check_optionalOldSelf_holdsOnCreation() {
    String schema =
        "{'type':'object','x-kubernetes-validations':[{'optionalOldSelf':true,'rule':"
            + "'oldSelf.hasValue() || self.n == 1','fieldPath':'.n','reason':'FieldValueRequired'}],"
            + "'properties':{'n':{'type':'integer'}}}";
    assertEquals(List.of(), check(schema, null, "{'n':1}"));
    assertEquals(
        List.of("n: Required value: failed rule: oldSelf.hasValue() || self.n == 1"),
        check(schema, null, "{'n':2}"));
    assertEquals(List.of(), check(schema, "{'n':1}", "{'n':2}"));
  }

  @Test
  void check_root_seesOnlyTheNamesInMetadata() {
    String rule = "{'type':'object','x-kubernetes-validations':[{'rule':'%s'}],'properties':{}}";
    assertEquals(
        List.of(),
        check(
            rule.formatted("self.metadata.name.startsWith(self.kind)"),
            null,
            "{'kind':'T','metadata':{'name':'T1'}}"));
    assertEquals(1, problems(rule.formatted("self.metadata.labels.size() == 0")).size());
  }

  @Test
  void check_secret_isNeverShown() {
    String schema =
        "{'type':'object','properties':{'p':{'type':'string','format':'password','maxLength':20,"
            + "'x-kubernetes-validations':[{'rule':'self.size() > 10'}]}}}";
    assertEquals(
        List.of("p: Invalid value: \"(hidden)\": failed rule: self.size() > 10"),
        check(schema, null, "{'p':'topsecret'}"));
  }

  @Test
  void check_costlyRule_isStoppedWithoutEvaluatingTheRest() {
    StringBuilder many = new StringBuilder("{'l':[0");
    many.append(",1".repeat(1999)).append("]}");
    String list = "{'type':'array','maxItems':2000,'items':{'type':'integer'}}";
    String rule = "self.l.all(x, self.l.all(y, x + y >= 0))";
    String schema =
        "{'type':'object','x-kubernetes-validations':[{'rule':'" + rule + "'}],'properties':{'l':";
    Kind kind = TestKinds.of(TestKinds.object(schema + list + "}}"));
    List<FieldError> errors = CelRules.compile(kind).check(null, TestKinds.object(many.toString()));
    assertEquals(1, errors.size());
    assertTrue(errors.getFirst().detail().contains("cost limit exceeded"), errors::toString);
  }

  @Test
  void problems_unboundedList_namesTheBoundThatIsMissing() {
    String schema =
        "{'type':'object','properties':{'spec':{'type':'object','x-kubernetes-validations':["
            + "{'rule':'self.a.all(x, self.a.all(y, x == y))'}],'properties':{'a':{'type':'array',"
            + "'items':{'type':'string'}}}}}}";
    List<String> problems = problems(schema);
    assertTrue(problems.getFirst().contains("estimated rule cost is "), problems::toString);
    assertTrue(problems.getFirst().contains("self.spec.a"), problems::toString);
    assertTrue(
        problems.getFirst().startsWith("s.properties[spec].x-kubernetes-validations[0].rule"),
        problems::toString);
    String bounded = schema.replace("'type':'array',", "'type':'array','maxItems':20,");
    assertEquals(
        List.of(),
        problems(bounded.replace("{'type':'string'}", "{'type':'string','maxLength':9}")));
  }

  @Test
  void problems_ruleInsideOfUnboundedList_countsEveryItem() {
    String schema =
        "{'type':'object','properties':{'a':{'type':'array','items':{'type':'string','maxLength':9,"
            + "'x-kubernetes-validations':[{'rule':'self.matches(\\u0022^a.*b.*c.*d$\\u0022)'}]}}}}";
    List<String> problems = problems(schema);
    assertEquals(1, problems.size());
    assertTrue(problems.getFirst().contains("maxItems"), problems::toString);
    assertTrue(problems.getFirst().contains("self.a"), problems::toString);
  }

  @Test
  void problems_manyRules_haveATotal() {
    StringBuilder schema = new StringBuilder("{'type':'object','properties':{");
    for (int i = 0; i < 13; i++) {
      schema
          .append("'a" + i + "':{'type':'array','maxItems':1000,'items':{'type':'integer'},")
          .append("'x-kubernetes-validations':[{'rule':'self.all(x, self.all(y, x < y))'}]},");
    }
    schema.append("'z':{'type':'integer'}}}");
    List<String> problems = problems(schema.toString());
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(problems.getFirst().startsWith("s: Forbidden: estimated cost of all rules"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'rule':'oldSelf == self' | items | oldSelf cannot be used",
        "'rule':'true','optionalOldSelf':true | spec | may only be set if oldSelf is used",
        "'rule':'true','fieldPath':'.nope' | spec | must be a path such as",
        "'rule':'true','fieldPath':'nope' | spec | must be a path such as",
        "'rule':'true','messageExpression':'1' | spec | must evaluate to a string",
        "'rule':'true','messageExpression':'(' | spec | compilation failed",
      })
  void problems_badRule_isReported(String rule, String where, String text) {
    String entry = "'x-kubernetes-validations':[{" + rule.trim().replaceAll("^\"|\"$", "") + "}],";
    String schema =
        "{'type':'object',"
            + (where.equals("spec") ? entry : "")
            + "'properties':{'l':{'type':'array','maxItems':3,'items':{"
            + (where.equals("items") ? entry : "")
            + "'type':'integer'}}}}";
    List<String> problems = problems(schema);
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(problems.getFirst().contains(text.trim()), problems::toString);
  }

  @Test
  void check_badMessageExpression_fallsBack() {
    String schema =
        "{'type':'object','x-kubernetes-validations':[{'rule':'self.n > 1','message':'too small',"
            + "'messageExpression':'string(1 / self.n)'}],'properties':{'n':{'type':'integer'}}}";
    assertEquals(
        List.of("<root>: Invalid value: \"object\": too small"), check(schema, null, "{'n':0}"));
    assertEquals(List.of("<root>: Invalid value: \"object\": 1"), check(schema, null, "{'n':1}"));
  }

  @Test
  void openApi_rules_arePublished() {
    Kind kind =
        TestKinds.of(
            TestKinds.object(
                "{'type':'object','x-kubernetes-validations':[{'rule':'true'}],'properties':{}}"));
    String published = OpenApiV3.document("tests", "v1", List.of(kind)).toString();
    assertTrue(published.contains("\"x-kubernetes-validations\":[{\"rule\":\"true\"}]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"+1", "+(1", "&&true", "==1", "[0", "-1", "?1:1", ".a"})
  void problems_deepExpression_isCompiledOrRefused(String piece) {
    String start = piece.startsWith("&&") ? "true" : "1";
    String rule = start + piece.repeat((Environment.CHARACTERS_MAX - 20) / piece.length());
    ObjectNode schema = TestKinds.object("{'type':'object','properties':{}}");
    for (String each :
        List.of(
            rule,
            rule + " > 0",
            start + piece.repeat(4500) + " > 0",
            start + piece.repeat(1500) + " > 0",
            "!".repeat(5000) + "true")) {
      schema.putArray("x-kubernetes-validations").addObject().put("rule", each);
      Kind kind = TestKinds.of(schema);
      int problems = CelRules.problems(kind, FieldPath.ROOT).size();
      int errors = CelRules.compile(kind).check(null, TestKinds.object("{}")).size();
      assertTrue(problems <= 2 && errors <= 1);
    }
  }
}
