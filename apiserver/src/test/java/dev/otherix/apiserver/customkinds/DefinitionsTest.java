package dev.otherix.apiserver.customkinds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.CustomResource;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apimachinery.status.FieldError;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class DefinitionsTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));
  private static final Kind KIND = Definition.kind();

  private static final String WIDGETS =
      """
      {'apiVersion':'apiextensions.k8s.io/v1','kind':'CustomResourceDefinition',
       'metadata':{'name':'widgets.example.io'},
       'spec':{'group':'example.io','scope':'Namespaced',
        'names':{'plural':'widgets','kind':'Widget','shortNames':['wd']},
        'versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':
          {'type':'object','properties':{'spec':{'type':'object','x-odd':1}}}}}]}}
      """
          .replace(",'x-odd':1", "");

  private static ObjectNode widgets() {
    return prepared(WIDGETS);
  }

  private static ObjectNode prepared(String text) {
    ObjectNode definition = Json.parseObject(text.replace('\'', '"'));
    assertEquals(List.of(), KIND.prepare(definition));
    Definition.setDefaults(definition);
    return definition;
  }

  private static ObjectNode established() {
    ObjectNode definition = widgets();
    definition.set("status", DefinitionStatus.of(definition, Kinds.NONE, CLOCK));
    return definition;
  }

  private static ObjectNode spec(ObjectNode definition) {
    return (ObjectNode) definition.required("spec");
  }

  private static ObjectNode version(ObjectNode definition, int index) {
    return (ObjectNode) spec(definition).required("versions").get(index);
  }

  private static List<String> texts(List<FieldError> errors) {
    return errors.stream().map(FieldError::toString).toList();
  }

  @Test
  void kind_columnsAndNames_areThoseOfKubernetes() {
    assertEquals(List.of("crd", "crds"), KIND.header().shortNames());
    assertEquals(
        List.of("Created At"), KIND.header().columns().stream().map(each -> each.name()).toList());
    assertTrue(KIND.header().subresources().status());
    assertFalse(KIND.namespaced());
  }

  @Test
  void setDefaults_minimalDefinition_getsNamesAndConversion() {
    JsonNode spec = widgets().required("spec");
    assertEquals("widget", spec.path("names").path("singular").asString(""));
    assertEquals("WidgetList", spec.path("names").path("listKind").asString(""));
    assertEquals("None", spec.path("conversion").path("strategy").asString(""));
  }

  @Test
  void prepareAndValidate_soundDefinition_hasNothingWrong() {
    ObjectNode definition = widgets();
    assertEquals(List.of(), KIND.validate(definition));
    assertEquals(List.of(), DefinitionValidation.create(definition));
    assertEquals(1, CustomResource.kinds(definition).size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'name':'widgets.example.io' | 'name':'other.example.io'"
            + " | metadata.name: Invalid value: `must be spec.names.plural",
        "'storage':true | 'storage':false | spec.versions: Invalid value`exactly one version",
        "'group':'example.io' | 'group':'example' | spec.group`at least one dot",
        "'type':'object','properties':{'spec' | 'properties':{'spec'"
            + " | openAPIV3Schema.type: Required value`",
        "'names':{ | 'conversion':{'strategy':'Webhook'},'names':{"
            + " | spec.conversion.webhook: Forbidden`set strategy: None",
        "'names':{ | 'preserveUnknownFields':true,'names':{"
            + " | spec.preserveUnknownFields: Invalid value: true`must be false",
        "'served':true | 'deprecationWarning':'w','served':true"
            + " | spec.versions[0].deprecationWarning`deprecated versions",
        "'type':'object','properties':{'spec'"
            + " | 'type':'object','x-kubernetes-validations':[{'rule':'self.nope'}],'properties':{'spec'"
            + " | spec.versions[0].schema.openAPIV3Schema.x-kubernetes-validations[0].rule"
            + "`undefined field 'nope'",
      })
  void create_oneThingWrong_isNamed(String part, String instead, String expected) {
    ObjectNode definition = prepared(WIDGETS.replace(part, instead));
    List<String> errors = texts(DefinitionValidation.create(definition));
    String[] words = expected.split("`", -1);
    assertTrue(
        errors.stream().anyMatch(each -> each.contains(words[0]) && each.contains(words[1])),
        errors::toString);
  }

  @Test
  void create_ruleOfUnservedVersion_isCheckedToo() {
    ObjectNode definition = widgets();
    ObjectNode second = version(definition, 0).deepCopy();
    second.put("name", "v2").put("served", false).put("storage", false);
    ((ObjectNode) second.required("schema").required("openAPIV3Schema"))
        .putArray("x-kubernetes-validations")
        .addObject()
        .put("rule", "1 +");
    spec(definition).withArray("versions").add(second);
    List<String> errors = texts(DefinitionValidation.create(definition));
    assertEquals(1, errors.size());
    assertTrue(errors.getFirst().startsWith("spec.versions[1].schema.openAPIV3Schema."));
  }

  @ParameterizedTest
  @CsvSource({
    "example.io, '', true, none",
    "a.k8s.io, '', false, False",
    "a.kubernetes.io, unapproved for tests, true, False",
    "a.k8s.io, https://example.io/1, true, True",
    "a.k8s.io, approved, false, False",
  })
  void approval_group_isDemandedOfProtectedOnes(
      String group, String annotation, boolean sound, String condition) {
    ObjectNode definition = prepared(WIDGETS.replace("example.io", group));
    if (!annotation.isEmpty()) {
      ((ObjectNode) definition.required("metadata"))
          .putObject("annotations")
          .put(Definition.APPROVAL, annotation);
    }
    List<String> errors = texts(DefinitionValidation.create(definition));
    assertEquals(sound, errors.isEmpty(), errors::toString);
    assertEquals(condition, condition(definition, Kinds.NONE, DefinitionStatus.APPROVAL, "status"));
    if (!sound) {
      assertEquals(List.of(), DefinitionValidation.update(definition, definition));
    }
  }

  private static String condition(ObjectNode definition, Kinds served, String type, String member) {
    for (JsonNode each : DefinitionStatus.of(definition, served, CLOCK).required("conditions")) {
      if (each.path("type").asString("").equals(type)) {
        return each.path(member).asString("");
      }
    }
    return "none";
  }

  @Test
  void update_immutableFields_areRefused() {
    for (String change : List.of("group", "scope", "plural", "kind")) {
      ObjectNode changed = established();
      switch (change) {
        case "group" -> spec(changed).put("group", "other.io");
        case "scope" -> spec(changed).put("scope", "Cluster");
        default -> ((ObjectNode) spec(changed).required("names")).put(change, "Others");
      }
      List<String> errors = texts(DefinitionValidation.update(established(), changed));
      assertTrue(
          errors.stream().anyMatch(each -> each.endsWith("field is immutable")),
          () -> change + ": " + errors);
    }
  }

  @Test
  void update_kindBeforeEstablished_isAllowed() {
    ObjectNode changed = widgets();
    ((ObjectNode) spec(changed).required("names")).put("kind", "Gadget");
    assertEquals(List.of(), DefinitionValidation.update(widgets(), changed));
  }

  @Test
  void update_ruleThatWasBrokenBefore_isForgivenWhileUnchanged() {
    String broken =
        WIDGETS.replace(
            "'type':'object','properties':{'spec'",
            "'type':'object','x-kubernetes-validations':[{'rule':'self.nope'}],'properties':{'spec'");
    ObjectNode old = prepared(broken);
    ObjectNode changed = prepared(broken.replace("'wd'", "'we'"));
    assertEquals(List.of(), DefinitionValidation.update(old, changed));
    ObjectNode other = prepared(broken.replace("self.nope", "self.none"));
    assertEquals(1, DefinitionValidation.update(old, other).size());
  }

  @Test
  void storedVersions_listedVersion_mustStay() {
    ObjectNode old = established();
    ObjectNode second = version(old, 0).deepCopy();
    second.put("name", "v2");
    ObjectNode both = old.deepCopy();
    version(both, 0).put("storage", false);
    spec(both).withArray("versions").add(second);
    assertEquals(List.of(), DefinitionValidation.update(old, both));
    ((ObjectNode) both.required("status"))
        .set("storedVersions", DefinitionStatus.storedVersions(both));
    assertEquals("[\"v1\",\"v2\"]", both.path("status").path("storedVersions").toString());

    ObjectNode without = both.deepCopy();
    spec(without).withArray("versions").remove(0);
    List<String> errors = texts(DefinitionValidation.update(both, without));
    assertEquals(1, errors.size(), errors::toString);
    assertTrue(errors.getFirst().startsWith("status.storedVersions[0]: Invalid value: \"v1\""));

    ((ObjectNode) without.required("status")).putArray("storedVersions").add("v2");
    assertEquals(List.of(), DefinitionValidation.updateStatus(without));
    ((ObjectNode) without.required("status")).putArray("storedVersions");
    assertEquals(
        List.of("status.storedVersions: Invalid value: []: must have the storage version \"v2\""),
        texts(DefinitionValidation.updateStatus(without)));
  }

  @Test
  void status_freeNames_establishes() {
    ObjectNode definition = widgets();
    ObjectNode status = DefinitionStatus.of(definition, Kinds.NONE, CLOCK);
    assertEquals("True", condition(definition, Kinds.NONE, "NamesAccepted", "status"));
    assertEquals("True", condition(definition, Kinds.NONE, "Established", "status"));
    assertEquals("none", condition(definition, Kinds.NONE, "NonStructuralSchema", "status"));
    assertEquals("none", condition(definition, Kinds.NONE, "Terminating", "status"));
    assertEquals(
        "{\"plural\":\"widgets\",\"singular\":\"widget\",\"shortNames\":[\"wd\"],\"kind\":\"Widget\","
            + "\"listKind\":\"WidgetList\"}",
        status.required("acceptedNames").toString());
    assertEquals("[\"v1\"]", status.required("storedVersions").toString());
    assertEquals(List.of(), KIND.prepare(withStatus(definition, status)));
    assertEquals(List.of(), KIND.validate(withStatus(definition, status)));
  }

  private static ObjectNode withStatus(ObjectNode definition, ObjectNode status) {
    ObjectNode copy = definition.deepCopy();
    copy.set("status", status);
    return copy;
  }

  @Test
  void status_nothingNew_isTheSame() {
    ObjectNode definition = established();
    InstantSource later = InstantSource.fixed(Instant.parse("2027-01-02T03:04:05Z"));
    Kinds own = Kinds.of(CustomResource.kinds(definition));
    assertTrue(
        Json.equal(definition.required("status"), DefinitionStatus.of(definition, own, later)));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "'kind':'Other'|'kind':'Widget', KindConflict, kind",
        "'shortNames':['wd'], ShortNamesConflict, shortNames",
        "'singular':'widget', SingularConflict, singular",
        "'listKind':'WidgetList', ListKindConflict, listKind",
      })
  void status_takenName_isNotAccepted(String change, String reason, String member) {
    String[] parts = change.split("\\|", -1);
    String names = "'plural':'others','kind':'Other'";
    String taken = parts.length > 1 ? names.replace(parts[0], parts[1]) : names + "," + change;
    ObjectNode other =
        prepared(
            WIDGETS
                .replace("'plural':'widgets','kind':'Widget','shortNames':['wd']", taken)
                .replace("widgets.example.io", "others.example.io"));
    Kinds served = Kinds.of(CustomResource.kinds(other));
    ObjectNode definition = widgets();
    assertEquals("False", condition(definition, served, "NamesAccepted", "status"));
    if (!member.equals("kind")) {
      assertEquals(reason, condition(definition, served, "NamesAccepted", "reason"));
    }
    assertEquals("False", condition(definition, served, "Established", "status"));
    JsonNode accepted = DefinitionStatus.of(definition, served, CLOCK).required("acceptedNames");
    assertTrue(accepted.path(member).asString("").isEmpty(), accepted::toString);
    assertEquals("widgets", accepted.path("plural").asString(""));
    assertEquals("True", condition(established(), served, "Established", "status"));
  }

  @Test
  void status_brokenSchemaInStorage_isReported() {
    ObjectNode definition = widgets();
    ((ObjectNode) version(definition, 0).required("schema").required("openAPIV3Schema"))
        .remove("type");
    assertEquals("True", condition(definition, Kinds.NONE, "NonStructuralSchema", "status"));
  }

  @Test
  void deletion_establishedDefinition_waitsForItsObjects() {
    assertFalse(Definition.needsCleanup(widgets()));
    assertTrue(Definition.needsCleanup(established()));
    ObjectNode deleted = established();
    ((ObjectNode) deleted.required("metadata")).put("deletionTimestamp", "2026-01-01T00:00:00Z");
    assertEquals(
        "InstanceDeletionPending", condition(deleted, Kinds.NONE, "Terminating", "reason"));
  }
}
