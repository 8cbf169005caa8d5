package dev.otherix.apimachinery.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldPath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class YamlTest {
  static Stream<Arguments> scalars() {
    return Stream.of(
        Arguments.of("12", "12"),
        Arguments.of("-12", "-12"),
        Arguments.of("+12", "12"),
        Arguments.of("0", "0"),
        Arguments.of("0o17", "15"),
        Arguments.of("0xFf", "255"),
        Arguments.of("0x", "\"0x\""),
        Arguments.of("9223372036854775808", "9223372036854775808"),
        Arguments.of("1.50", "1.5"),
        Arguments.of(".5", "0.5"),
        Arguments.of("1.", "1"),
        Arguments.of("1e3", "1000"),
        Arguments.of("1e", "\"1e\""),
        Arguments.of("-", "[null]"),
        Arguments.of("1_000", "\"1_000\""),
        Arguments.of("12:30:00", "\"12:30:00\""),
        Arguments.of("2026-01-02", "\"2026-01-02\""),
        Arguments.of("true", "true"),
        Arguments.of("False", "false"),
        Arguments.of("yes", "\"yes\""),
        Arguments.of("off", "\"off\""),
        Arguments.of("~", "null"),
        Arguments.of("NULL", "null"),
        Arguments.of("'12'", "\"12\""),
        Arguments.of("\"a\\tb\\u00e9\"", "\"a\\tbé\""),
        Arguments.of("!!str 12", "\"12\""),
        Arguments.of("!!int '12'", "12"),
        Arguments.of("!!float 1", "1"),
        Arguments.of("!!binary aGk=", "\"aGk=\""),
        Arguments.of("|\n    one\n    two\n", "\"one\\ntwo\\n\""),
        Arguments.of(">-\n    one\n    two\n", "\"one two\""),
        Arguments.of("{a: [1, x]}", "{\"a\":[1,\"x\"]}"));
  }

  @ParameterizedTest
  @MethodSource("scalars")
  void readAll_value_meansWhatTheCoreSchemaSays(String yaml, String json) {
    JsonNode tree = one("v: " + (yaml.equals("-") ? "\n  -" : yaml)).tree();
    assertEquals(json, tree.get("v").toString());
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("v: 0644", "line 1, column 4: the number 0644 is ambiguous: YAML 1.1 reads a"),
        Arguments.of("v: .inf", "line 1, column 4: infinity is not a JSON number"),
        Arguments.of("v: .NaN", "line 1, column 4: NaN is not a JSON number"),
        Arguments.of("v: 1e999", "line 1, column 4: exponent 1000"),
        Arguments.of("a: 1\nb: [1, 2", "line 2, column 9: while parsing a flow sequence"),
        Arguments.of("a: 1\n b: 2", "line 2, column 3: mapping values are not allowed here"),
        Arguments.of("a:\n\t- b", "line 2, column 1: while scanning for the next token"),
        Arguments.of("a: *nope", "line 1, column 4: the alias *nope has no anchor above it"),
        Arguments.of("a: &x [*x]", "line 1, column 8: the alias *x has no anchor above it"),
        Arguments.of("? [a]\n: 1", "line 1, column 3: a key must be plain text"),
        Arguments.of("~: 1", "line 1, column 1: a key is missing before the colon"),
        Arguments.of("a: !!set {b}", "line 1, column 4: the tag tag:yaml.org,2002:set has no"),
        Arguments.of("a: !local b", "line 1, column 4: the tag !local has no meaning"),
        Arguments.of("a: !!int x", "line 1, column 4: \"x\" is not what its tag"),
        Arguments.of("a: !!binary '&'", "line 1, column 4: the value tagged !!binary is not"),
        Arguments.of("a:\n  <<: 3", "line 2, column 7: a merge key << takes an object"),
        Arguments.of("a: \"\\ud800\"", "line 1, column 4: the text holds half of a surrogate"),
        Arguments.of("--- a\n--- 'b", "line 2, column 7: while scanning a quoted scalar"),
        Arguments.of("[".repeat(250), "line 1, column 201: the document is nested deeper"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void readAll_badText_tellsLineAndColumn(String yaml, String message) {
    ApiException e = assertThrows(ApiException.class, () -> Yaml.readAll(yaml, Limits.REQUEST));
    assertEquals(400, e.code());
    assertTrue(String.valueOf(e.getMessage()).startsWith(message), e.getMessage());
  }

  @Test
  void readAll_severalDocuments_numbersThemAndSkipsEmptyOnes() {
    List<YamlDocument> documents =
        Yaml.readAll(
            "# one\n---\na: 1\n---\n# nothing\n---\nb:\n  c: [x, y]\n...\n", Limits.REQUEST);
    assertEquals(List.of("{\"a\":1}", "{\"b\":{\"c\":[\"x\",\"y\"]}}"), texts(documents));
    assertEquals(1, documents.get(1).index());
    FieldPath y = FieldPath.ROOT.at("b", "c").index(1);
    assertEquals(new Position(8, 10), documents.get(1).position(y));
    assertEquals(new Position(8, 3), documents.get(1).position(FieldPath.ROOT.at("b", "missing")));
  }

  @Test
  void readAll_repeatedKey_isReportedWithItsPathAndTheLastOneStands() {
    YamlDocument document = one("spec: {a: 1, b: [{c: 1, c: 2}], a: 3}");
    assertEquals(
        List.of("spec.b[0].c", "spec.a"),
        document.duplicates().stream().map(Object::toString).toList());
    assertEquals("{\"spec\":{\"a\":3,\"b\":[{\"c\":2}]}}", document.tree().toString());
  }

  @Test
  void readAll_anchorsAndMergeKeys_areFollowed() {
    YamlDocument document =
        one(
            """
            base: &base {cpu: 1, mem: 2}
            more: &more {mem: 3, net: a}
            one:
              <<: *base
              cpu: 4
            two:
              <<: [*more, *base]
            list: [*base]
            """);
    assertEquals("{\"cpu\":4,\"mem\":2}", document.tree().get("one").toString());
    assertTrue(
        Json.equal(Json.parse("{\"mem\":3,\"net\":\"a\",\"cpu\":1}"), document.tree().get("two")));
    assertEquals("[{\"cpu\":1,\"mem\":2}]", document.tree().get("list").toString());
  }

  @Test
  void readAll_aliasesOfAliases_areStoppedBeforeTheyGrow() {
    StringBuilder laughs = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 10; i++) {
      laughs.append("a%d: &a%d [".formatted(i, i));
      laughs.append("*a%d,".formatted(i - 1).repeat(10)).append("]\n");
    }
    ApiException e =
        assertThrows(ApiException.class, () -> Yaml.readAll(laughs.toString(), Limits.REQUEST));
    assertTrue(String.valueOf(e.getMessage()).contains("values at most"), e.getMessage());
  }

  @Test
  void readAll_aliasesThatNestDeeperEachTime_areStoppedAtTheDepthLimit() {
    StringBuilder towers = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 90; i++) {
      towers.append("a%d: &a%d [[[[[*a%d]]]]]\n".formatted(i, i, i - 1));
    }
    ApiException e =
        assertThrows(ApiException.class, () -> Yaml.readAll(towers.toString(), Limits.REQUEST));
    assertTrue(String.valueOf(e.getMessage()).contains("nested deeper"), e.getMessage());
  }

  @Test
  void read_bodyWithTwoDocuments_isRefused() {
    byte[] body = "a: 1\n---\nb: 2\n".getBytes(StandardCharsets.UTF_8);
    ApiException e = assertThrows(ApiException.class, () -> Yaml.read(body, Limits.REQUEST));
    assertEquals("the body must be one YAML document; it holds 2", e.getMessage());
  }

  static Stream<String> trees() {
    return Stream.of(
        "{\"a\":\"\",\"b\":\"yes\",\"c\":\"0644\",\"d\":\"1.5\",\"e\":\"null\",\"f\":\"- x\"}",
        "{\"a\":{},\"b\":[],\"c\":[[1],[{}]],\"d\":null,\"e\":true,\"f\":-1.25}",
        "{\"script\":\"#!/bin/sh\\necho hi\\n\",\"trail\":\"a \\nb\",\"indent\":\"  a\\nb\"}",
        "{\"a: b\":\"c # d\",\"*x\":\"&y\",\"quote\":\"it's \\\"so\\\"\",\"tab\":\"a\\tb\"}",
        "{\"nl\":\"\\n\",\"nls\":\"a\\n\\n\\n\",\"cr\":\"a\\r\\nb\",\"nul\":\"\\u0000\",\"e\":\"é😀\"}",
        "{\"long\":\"" + "word ".repeat(100) + "\",\"2026-01-01\":\"2026-01-01\",\"~\":\"~\"}",
        "{\"%\":\"%TAG\",\"---\":\"---\",\"...\":\"...\",\"!t\":\"!!str\",\"y\":\"n\",\"<<\":\"<<\"}",
        "[1,\"a\",{\"b\":[{\"c\":1,\"d\":[2]}]}]",
        "\"just text\"");
  }

  @ParameterizedTest
  @MethodSource("trees")
  void write_anyTree_readsBackEqual(String json) {
    JsonNode tree = Json.parse(json);
    String yaml = Yaml.write(tree);
    assertTrue(Json.equal(tree, one(yaml).tree()), yaml);
  }

  @Test
  void write_manifest_looksLikeAPersonWroteIt() {
    JsonNode tree =
        Json.parse(
            "{\"apiVersion\":\"otherix/v1\",\"kind\":\"VM\",\"metadata\":{\"name\":\"a\"},\"spec\":"
                + "{\"arch\":\"amd64\",\"on\":\"off\",\"userData\":\"#cloud-config\\nx: 1\\n\","
                + "\"nics\":[{\"network\":\"lab\"}]}}");
    assertEquals(
        """
        apiVersion: otherix/v1
        kind: VM
        metadata:
          name: a
        spec:
          arch: amd64
          "on": "off"
          userData: |
            #cloud-config
            x: 1
          nics:
          - network: lab
        """,
        Yaml.write(tree));
  }

  private static YamlDocument one(String yaml) {
    return Yaml.readAll(yaml, Limits.REQUEST).getFirst();
  }

  private static List<String> texts(List<YamlDocument> documents) {
    return documents.stream().map(each -> each.tree().toString()).toList();
  }
}
