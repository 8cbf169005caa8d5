package dev.otherix.apimachinery.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Findings;
import dev.otherix.apimachinery.status.FieldPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LabelSelectorReaderTest {
  private static final FieldPath PATH = FieldPath.ROOT.at("spec", "selector");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "null | <nothing>",
        "{} | ``",
        "{'matchLabels':null,'matchExpressions':[]} | ``",
        "{'matchLabels':{'b':'2','a':'1'}} | a=1,b=2",
        "{'matchLabels':{'a':''}} | a=",
        "{'matchExpressions':[{'key':'a','operator':'In','values':['y','x']}]} | a in (x,y)",
        "{'matchExpressions':[{'key':'a','operator':'NotIn','values':['x']}]} | a notin (x)",
        "{'matchExpressions':[{'key':'a','operator':'Exists'}]} | a",
        "{'matchExpressions':[{'key':'a','operator':'DoesNotExist','values':[]}]} | !a",
        "{'matchLabels':{'b':'1'},'matchExpressions':[{'key':'a','operator':'Exists'}]} | a,b=1",
      })
  void read_goodSelector_isTheSameAsItsText(String json, String text) {
    Findings findings = new Findings();
    LabelSelector selector =
        LabelSelectorReader.read(Json.parse(json.replace('\'', '"')), PATH, findings);
    assertEquals(text, selector.toString());
    assertTrue(findings.clean(), () -> findings.errors().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | spec.selector: Invalid value: []: must be an object",
        "{'matchLabels':{'a':1}} | spec.selector.matchLabels[a]: Invalid value: 1: must be a string",
        "{'matchLabels':{'-a':'1'}} | spec.selector.matchLabels: Invalid value: \"-a\": name part",
        "{'matchLabels':{'a':'-'}} | spec.selector.matchLabels[a]: Invalid value: \"-\": a valid",
        "{'matchExpressions':{}} | spec.selector.matchExpressions: Invalid value: {}: must be a list",
        "{'matchExpressions':['a']} | spec.selector.matchExpressions[0]: Invalid value: \"a\": must",
        "{'matchExpressions':[{'key':'a','operator':'Gt','values':['1']}]} |"
            + " spec.selector.matchExpressions[0].operator: Invalid value: \"Gt\": not a valid"
            + " selector operator",
        "{'matchExpressions':[{'key':'a','operator':'In'}]} |"
            + " spec.selector.matchExpressions[0].values: Required value: must be specified when"
            + " `operator` is 'In' or 'NotIn'",
        "{'matchExpressions':[{'key':'a','operator':'Exists','values':['x']}]} |"
            + " spec.selector.matchExpressions[0].values: Forbidden: may not be specified when"
            + " `operator` is 'Exists' or 'DoesNotExist'",
        "{'matchExpressions':[{'key':'','operator':'Exists'}]} |"
            + " spec.selector.matchExpressions[0].key: Invalid value: \"\": name part must be",
        "{'matchExpressions':[{'key':'a','operator':'In','values':['x','$']}]} |"
            + " spec.selector.matchExpressions[0].values[1]: Invalid value: \"$\": a valid label",
      })
  void read_wrongSelector_saysWhereAndSelectsNothing(String json, String start) {
    Findings findings = new Findings();
    LabelSelector selector =
        LabelSelectorReader.read(Json.parse(json.replace('\'', '"')), PATH, findings);
    assertTrue(selector.isNothing());
    assertEquals(1, findings.errors().size(), () -> findings.errors().toString());
    String message = findings.errors().getFirst().toString();
    assertTrue(message.startsWith(start), message);
  }

  @Test
  void read_unknownMembers_areReportedByPath() {
    Findings findings = new Findings();
    LabelSelectorReader.read(
        Json.parse(
            "{\"a\":1,\"matchExpressions\":[{\"key\":\"k\",\"operator\":\"Exists\",\"b\":2}]}"),
        PATH,
        findings);
    assertEquals(
        "[spec.selector.a, spec.selector.matchExpressions[0].b]", findings.unknown().toString());
    assertTrue(findings.errors().isEmpty());
  }
}
