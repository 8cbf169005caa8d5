package dev.otherix.apiserver.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.KindTrait;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.schema.SchemaNode;
import dev.otherix.apimachinery.schema.Table;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class BuiltinKindsTest {
  private static final Kinds KINDS = BuiltinKinds.kinds();
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));

  static Kind kind(String apiVersion, String name) {
    return KINDS.kind(apiVersion, name).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Namespace      | v1                     | Name,Status,Age
          ConfigMap      | v1                     | Name,Data,Age
          Secret         | v1                     | Name,Type,Data,Age
          ServiceAccount | v1                     | Name,Secrets,Age
          Lease          | coordination.k8s.io/v1 | Name,Holder,Age
          Event          | v1                     | Last Seen,Type,Reason,Object,Subobject*,Source*,Message,First Seen*,Count*,Name*
          """)
  void columns_ofStoredKinds_areKubernetesOwn(String name, String apiVersion, String expected) {
    String columns =
        new Table(kind(apiVersion, name), CLOCK)
            .columnDefinitions()
            .valueStream()
            .map(each ->
                each.required("name").asString()
                    + (each.required("priority").intValue() > 0 ? "*" : ""))
            .collect(Collectors.joining(","));
    assertEquals(expected, columns);
  }

  @Test
  void table_event_fallsBackToOlderFields() {
    ObjectNode event =
        Json.parseObject(
            """
            {"metadata": {"name": "web.1"}, "involvedObject": {"kind": "VM", "name": "web"},
             "lastTimestamp": "2026-01-02T03:04:00Z", "eventTime": "2026-01-02T03:00:05.000000Z",
             "reason": "Started", "type": "Normal", "message": "m", "count": 3,
             "reportingComponent": "agent"}
            """);
    ObjectNode table =
        new Table(kind("v1", "Event"), CLOCK)
            .of(List.of(event), Json.parseObject("{}"), Table.IncludeObject.NONE, false);
    assertEquals(
        "[\"5s\",\"Normal\",\"Started\",\"vm/web\",null,\"agent\",\"m\",\"4m\",3,\"web.1\"]",
        table.at("/rows/0/cells").toString());
  }

  @Test
  void header_names_areWhatPeopleType() {
    Map<String, String> words =
        Map.of("ns", "Namespace", "cm", "ConfigMap", "ev", "Event", "sa", "ServiceAccount");
    words.forEach((word, name) -> assertEquals(name, KINDS.word(word).orElseThrow().kind(), word));
  }

  @Test
  void traits_reviewsAreCreateOnly_othersMergeStrategically() {
    for (Kind kind : KINDS.all()) {
      boolean review = kind.kind().endsWith("Review");
      assertEquals(review, kind.header().traits().contains(KindTrait.CREATE_ONLY), kind.kind());
      assertEquals(
          !review, kind.header().traits().contains(KindTrait.STRATEGIC_MERGE), kind.kind());
    }
  }

  /// What is not described cannot be explained.
  @Test
  void schemas_everyField_isDescribed() {
    KINDS.all().forEach(kind -> described(kind.schema(), kind.toString()));
  }

  private static void described(SchemaNode node, String at) {
    node.properties()
        .forEach((name, child) -> {
          assertEquals(false, child.description().isEmpty(), at + "." + name);
          if (!name.equals("metadata")) {
            described(child, at + "." + name);
          }
        });
  }

  @Test
  void rules_unknownKind_areNone() {
    assertEquals(KindRules.none(), BuiltinKinds.rules(kind("coordination.k8s.io/v1", "Lease")));
    assertNull(KindRules.none().timeToLive());
    assertEquals("spec.x", KindRules.none().selectorField("spec.x"));
  }

  @Test
  void event_timeToLive_isAnHour() {
    KindRules rules = BuiltinKinds.rules(kind("v1", "Event"));
    assertEquals(Duration.ofHours(1), rules.timeToLive());
    assertEquals("source.component", rules.selectorField("source"));
    assertEquals("reason", rules.selectorField("reason"));
  }
}
