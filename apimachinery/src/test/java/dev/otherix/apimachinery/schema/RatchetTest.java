package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class RatchetTest {
  private static final Kind KIND =
      TestKinds.withSpec(
          """
          {'type':'object','required':['name'],'properties':{
           'name':{'type':'string','maxLength':3},'a':{'type':'integer','maximum':9},
           'b':{'type':'integer'},
           'keyed':{'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k'],
            'items':{'type':'object','required':['k'],'properties':{'k':{'type':'string'},
             'v':{'type':'integer','maximum':9}}}},
           'plain':{'type':'array','items':{'type':'integer','maximum':9}}},
           'x-otherix-rules':[{'atMostOneOf':['a','b']}]}
          """);

  private static ObjectNode object(String spec) {
    return TestKinds.json("{'metadata':{'name':'w'},'spec':" + spec + "}");
  }

  private static List<String> paths(String old, String changed) {
    return KIND.validateUpdate(object(old), object(changed)).stream()
        .map(each -> each.path().toString())
        .toList();
  }

  /// The spec before, the spec after, where an error stands; nothing for none.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'name':'long'} | {'name':'long','b':1} | ``",
        "{'name':'long'} | {'name':'longer'} | spec.name",
        "{'name':'ok'} | {'name':'long'} | spec.name",
        "{'name':'x','keyed':[{'k':'1','v':10}]}"
            + " | {'name':'y','keyed':[{'k':'0','v':1},{'k':'1','v':10}]} | ``",
        "{'name':'x','keyed':[{'k':'1','v':10}]}"
            + " | {'name':'x','keyed':[{'k':'2','v':10}]} | spec.keyed[0].v",
        "{'name':'x','plain':[10]} | {'name':'y','plain':[10]} | ``",
        "{'name':'x','plain':[10]} | {'name':'x','plain':[10,1]} | spec.plain[0]",
        "{'b':1} | {'b':1} | ``",
        "{'b':1} | {'b':2} | spec.name",
      })
  void validateUpdate_whatWasWrongBefore_isForgivenWhileUnchanged(
      String old, String changed, String expected) {
    assertEquals(expected.isEmpty() ? List.of() : List.of(expected), paths(old, changed));
  }

  @Test
  void validateUpdate_ruleBetweenFields_isNotForgivenForTheOneThatStayed() {
    assertEquals(1, paths("{'name':'x','a':1}", "{'name':'x','a':1,'b':1}").size());
  }

  @Test
  void validateUpdate_tooManyErrorsToJudge_forgivesNone() {
    StringBuilder list = new StringBuilder("10");
    for (int i = 0; i < ErrorList.ERRORS_MAX; i++) {
      list.append(",10");
    }
    String spec = "{'name':'x','plain':[" + list + "]";
    assertEquals(
        ErrorList.ERRORS_MAX, paths(spec + "}", spec + ",'b':1}").size(), "a new one may hide");
  }
}
