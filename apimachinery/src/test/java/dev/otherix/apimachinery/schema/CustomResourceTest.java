package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.FieldError;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class CustomResourceTest {
  static ObjectNode definition() {
    return TestKinds.json(
        """
        {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition',
         'metadata': {'name': 'widgets.example.io'},
         'spec': {'group': 'example.io', 'scope': 'Namespaced',
           'names': {'plural': 'widgets', 'singular': 'widget', 'kind': 'Widget',
                     'listKind': 'WidgetList', 'shortNames': ['wd'], 'categories': ['all']},
           'versions': [{'name': 'v1', 'served': true, 'storage': true,
             'subresources': {'status': {}, 'scale': {'specReplicasPath': '.spec.replicas',
               'statusReplicasPath': '.status.replicas', 'labelSelectorPath': '.status.selector'}},
             'additionalPrinterColumns': [{'name': 'Size', 'type': 'string', 'jsonPath': '.spec.size'}],
             'selectableFields': [{'jsonPath': '.color'}],
             'schema': {'openAPIV3Schema': {'type': 'object', 'properties': {
               'color': {'type': 'string'},
               'percent': {'type': 'number', 'minimum': 0, 'exclusiveMinimum': true}}}}}]}}
        """);
  }

  @Test
  void kinds_definition_isAKindLikeAnyOther() {
    Kind kind = CustomResource.kinds(definition()).getFirst();
    assertEquals("widgets.example.io/v1", kind.toString());
    assertEquals("WidgetList", kind.listKind());
    assertTrue(kind.header().subresources().status());
    ObjectNode object = TestKinds.json("{'color': 1, 'percent': 0, 'more': 2}");
    assertEquals("[more]", kind.prepare(object).toString());
    assertEquals(
        List.of(
            "color: Invalid value: \"integer\": color in body must be of type string: \"integer\"",
            "percent: Invalid value: 0: percent in body should be greater than 0"),
        kind.validate(object).stream().map(FieldError::toString).toList());
  }

  @Test
  void kinds_severalVersions_onlyServedOnes() {
    ObjectNode definition = definition();
    ObjectNode second = (ObjectNode) definition.at("/spec/versions/0").deepCopy();
    second.put("name", "v2").put("storage", false);
    ObjectNode third = second.deepCopy().put("name", "v3").put("served", false);
    definition.required("spec").withArray("versions").add(second).add(third);
    assertEquals(
        List.of("v1", "v2"), CustomResource.kinds(definition).stream().map(Kind::version).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      textBlock =
          """
          /metadata/name => "other" => metadata.name: Invalid value: "other": must be spec.names.plural+"."+spec.group
          /spec/group => "example" => spec.group: Invalid value: "example": should be a domain with at least one dot
          /spec/group => "" => spec.group: Required value
          /spec/scope => "Global" => spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"
          /spec/scope => "" => spec.scope: Required value: must be Namespaced or Cluster
          /spec/names/plural => "Widgets" => spec.names.plural: Invalid value: "Widgets": must be lower-case letters
          /spec/names/kind => "" => spec.names.kind: Required value
          /spec/names/kind => "9x" => spec.names.kind: Invalid value: "9x": must be letters, digits
          /spec/names/listKind => "Widget" => spec.names.listKind: Invalid value: "Widget": must differ from kind
          /spec/names/shortNames => ["wd","wd"] => spec.names.shortNames[1]: Duplicate value: "wd"
          /spec/names/shortNames => ["W"] => spec.names.shortNames[0]: Invalid value: "W"
          /spec/names/categories => "all" => spec.names.categories: Invalid value: "all": must be a list of names
          /spec/names/extra => 1 => spec.names.extra: Forbidden: no such member
          /spec/conversion => {"strategy":"Webhook"} => spec.conversion.strategy: Unsupported value: "Webhook": supported values: "None"
          /spec/versions => [] => spec.versions: Required value: must have exactly one version marked as storage
          /spec/versions/0/storage => false => spec.versions: Invalid value: must have exactly one version marked as storage version
          /spec/versions/0/served => "yes" => spec.versions[0].served: Required value: must be true or false
          /spec/versions/0/name => "V1" => spec.versions[0].name: Invalid value: "V1"
          /spec/versions/0/schema => {} => spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required
          /spec/versions/0/selectableFields/0/jsonPath => ".size" => spec.versions[0].selectableFields[0]: Forbidden: .size must be the plain path
          /spec/versions/0/selectableFields/0/jsonPath => ".metadata.name" => spec.versions[0].selectableFields[0]: Forbidden
          /spec/versions/0/selectableFields/0/jsonPath => ".percent" => spec.versions[0].selectableFields[0]: Forbidden
          /spec/versions/0/selectableFields => [{"jsonPath":".color"},{"jsonPath":".color"}] => spec.versions[0].selectableFields[1]: Duplicate value: ".color"
          /spec/versions/0/selectableFields => [{},{},{},{},{},{},{},{},{}] => spec.versions[0].selectableFields[0].jsonPath: Required value
          /spec/versions/0/additionalPrinterColumns/0/type => "text" => spec.versions[0].additionalPrinterColumns[0].type: Unsupported value: "text"
          /spec/versions/0/additionalPrinterColumns/0/name => "" => spec.versions[0].additionalPrinterColumns[0].name: Required value
          /spec/versions/0/additionalPrinterColumns/0/priority => -1 => spec.versions[0].additionalPrinterColumns[0].priority: Invalid value: -1: must be 0 or more
          /spec/versions/0/additionalPrinterColumns/0/jsonPath => "spec" => spec.versions[0].additionalPrinterColumns[0].jsonPath: Invalid value: "spec": JSONPath "spec" has an unexpected 's' at 0
          /spec/versions/0/subresources/scale/specReplicasPath => ".status.x" => spec.versions[0].subresources.scale.specReplicasPath: Invalid value: ".status.x": must be a plain path under .spec
          /spec/versions/0/subresources/scale/statusReplicasPath => "" => spec.versions[0].subresources.scale.statusReplicasPath: Required value
          /spec/versions/0/subresources/scale/labelSelectorPath => ".status.list[0]" => spec.versions[0].subresources.scale.labelSelectorPath: Invalid value
          """)
  void check_damaged_isReported(String pointer, String value, String expected) {
    ObjectNode definition = definition();
    int slash = pointer.lastIndexOf('/');
    ((ObjectNode) definition.at(pointer.substring(0, slash)))
        .set(pointer.substring(slash + 1), Json.parse(value));
    String errors =
        CustomResource.check(definition).stream()
            .map(FieldError::toString)
            .collect(Collectors.joining("; "));
    assertTrue(errors.contains(expected), errors);
  }

  @Test
  void check_moreSelectableFieldsThanAllowed_isTooMany() {
    ObjectNode definition = definition();
    ObjectNode version = (ObjectNode) definition.at("/spec/versions/0");
    version.remove("selectableFields");
    for (int i = 0; i < 9; i++) {
      ((ObjectNode) version.at("/schema/openAPIV3Schema/properties"))
          .putObject("f" + i)
          .put("type", "string");
      version.withArray("selectableFields").addObject().put("jsonPath", ".f" + i);
    }
    assertEquals(
        "[spec.versions[0].selectableFields: Too many: 9: must have at most 8 items]",
        CustomResource.check(definition).toString());
  }
}
