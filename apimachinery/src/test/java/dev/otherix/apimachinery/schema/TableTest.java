package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.codec.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class TableTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-02T06:16:05Z"));

  @Test
  void of_machine_hasColumnsAndHumanCells() {
    ObjectNode object = Json.parseObject(TestKinds.machineObject());
    ObjectNode table =
        new Table(TestKinds.machine(), CLOCK)
            .of(
                List.of(object),
                TestKinds.json("{'resourceVersion': '7'}"),
                Table.IncludeObject.METADATA,
                true);
    assertEquals("Table", table.required("kind").asString());
    assertEquals("meta.k8s.io/v1", table.required("apiVersion").asString());
    assertEquals("7", table.at("/metadata/resourceVersion").asString());
    assertEquals(
        "[\"Name\",\"Status\",\"Ready\",\"CPUs\",\"Age\"]",
        table.required("columnDefinitions").findValues("name").toString().replace(", ", ","));
    assertEquals(
        TestKinds.json(
            "{'name': 'CPUs', 'type': 'integer', 'format': '', 'description': '', 'priority': 1}"),
        table.at("/columnDefinitions/3"));
    assertEquals(
        "[\"web-1\",\"Running\",\"True\",4,\"3h12m\"]", table.at("/rows/0/cells").toString());
    assertEquals("PartialObjectMetadata", table.at("/rows/0/object/kind").asString());
    assertEquals(object.get("metadata"), table.at("/rows/0/object/metadata"));
  }

  @Test
  void of_missingValues_areNull() {
    ObjectNode table =
        new Table(TestKinds.machine(), CLOCK)
            .of(
                List.of(TestKinds.json("{'metadata': {'name': 'x'}}")),
                TestKinds.json("{}"),
                Table.IncludeObject.NONE,
                false);
    assertEquals("[\"x\",null,null,null,null]", table.at("/rows/0/cells").toString());
    assertEquals(0, table.required("columnDefinitions").size());
    assertEquals(false, table.at("/rows/0").has("object"));
  }

  @Test
  void of_columnForms_countReferAndFallBack() {
    Kind kind =
        SchemaFile.read(
            "note.json",
            TestKinds.json(
                """
                {'x-otherix-kind': {'group': 'example.io', 'version': 'v1', 'kind': 'Note',
                  'plural': 'notes', 'scope': 'Namespaced', 'traits': ['ownNameColumn'],
                  'columns': [
                    {'name': 'Seen', 'type': 'date', 'jsonPath': '.last', 'orElse': ['.first']},
                    {'name': 'Data', 'type': 'string', 'jsonPath': '.data', 'form': 'count'},
                    {'name': 'About', 'type': 'string', 'jsonPath': '.about', 'form': 'reference'},
                    {'name': 'Tags', 'type': 'string', 'jsonPath': '.tags', 'form': 'list'},
                    {'name': 'Size', 'type': 'string', 'jsonPath': '.size', 'form': 'bytes'},
                    {'name': 'Name', 'type': 'string', 'jsonPath': '.metadata.name'}]},
                 'type': 'object', 'properties': {
                   'last': {'type': 'string'}, 'first': {'type': 'string'},
                   'size': {'type': 'integer'},
                   'tags': {'type': 'array', 'items': {'type': 'string'}},
                   'data': {'type': 'object', 'additionalProperties': {'type': 'string'}},
                   'about': {'type': 'object', 'properties': {
                     'kind': {'type': 'string'}, 'name': {'type': 'string'}}}}}
                """));
    ObjectNode full =
        TestKinds.json(
            "{'metadata': {'name': 'n'}, 'first': '2026-01-02T06:16:00Z', 'last': '',"
                + " 'data': {'a': '', 'b': ''}, 'about': {'kind': 'VM', 'name': 'Web'},"
                + " 'tags': ['red', 'blue'], 'size': 146494308352}");
    ObjectNode table =
        new Table(kind, CLOCK)
            .of(
                List.of(full, TestKinds.json("{'metadata': {'name': 'n'}}")),
                TestKinds.json("{}"),
                Table.IncludeObject.NONE,
                true);
    assertEquals(
        "[\"5s\",2,\"vm/Web\",\"red,blue\",\"136Gi\",\"n\"]", table.at("/rows/0/cells").toString());
    assertEquals("[null,0,null,null,null,\"n\"]", table.at("/rows/1/cells").toString());
    assertEquals("Seen", table.at("/columnDefinitions/0/name").asString());
  }

  @Test
  void of_kindWithoutColumns_showsNameAndAge() {
    Kind kind = TestKinds.withSpec("{'type': 'object'}");
    ObjectNode object =
        TestKinds.json("{'metadata': {'name': 'x', 'creationTimestamp': 'long ago'}}");
    ObjectNode table =
        new Table(kind, CLOCK)
            .of(List.of(object), TestKinds.json("{}"), Table.IncludeObject.OBJECT, true);
    assertEquals("[\"x\",\"<unknown>\"]", table.at("/rows/0/cells").toString());
    assertEquals("Age", table.at("/columnDefinitions/1/name").asString());
    assertEquals(object, table.at("/rows/0/object"));
  }

  @ParameterizedTest
  @CsvSource({
    "-5, <invalid>",
    "-1, 0s",
    "0, 0s",
    "59, 59s",
    "119, 119s",
    "120, 2m",
    "150, 2m30s",
    "599, 9m59s",
    "600, 10m",
    "10799, 179m",
    "10800, 3h",
    "11520, 3h12m",
    "28799, 7h59m",
    "28800, 8h",
    "172799, 47h",
    "172800, 2d",
    "180000, 2d2h",
    "691199, 7d23h",
    "691200, 8d",
    "63071999, 729d",
    "63072000, 2y",
    "66000000, 2y33d",
    "252287999, 7y364d",
    "252288000, 8y",
  })
  void humanDuration_seconds_printLikeKubernetes(long seconds, String expected) {
    assertEquals(expected, HumanDuration.print(Duration.ofSeconds(seconds)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1023, 1023",
    "1024, 1Ki",
    "1536, 1.5Ki",
    "10189, 10Ki",
    "1048575, 1Mi",
    "1073741824, 1Gi",
    "146494308352, 136Gi",
    "-2048, -2Ki",
    "9223372036854775807, 8Ei"
  })
  void bytes_areRoundedForPeople(long bytes, String printed) {
    assertEquals(printed, HumanBytes.print(bytes));
  }
}
