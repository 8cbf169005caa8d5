package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

final class StructuralRulesTest {
  static List<Arguments> rows() {
    return TableRows.read("structural.txt", 2);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void check_specSchema_isStructuralOrSaysWhyNot(String schema, String expected) {
    assertEquals(expected, check(schema));
  }

  /// Paths are printed below the property `spec`, behind `~`.
  static String check(String specSchema) {
    ObjectNode definition = CustomResourceTest.definition();
    ObjectNode root = (ObjectNode) definition.at("/spec/versions/0/schema/openAPIV3Schema");
    if (specSchema.startsWith("ROOT ")) {
      ((ObjectNode) definition.at("/spec/versions/0/schema"))
          .set("openAPIV3Schema", TestKinds.json(specSchema.substring(5)));
    } else {
      root.withObjectProperty("properties").set("spec", TestKinds.json(specSchema));
    }
    return CustomResource.check(definition).stream()
        .map(FieldError::toString)
        .collect(Collectors.joining("; "))
        .replace("spec.versions[0].schema.openAPIV3Schema.properties[spec]", "~")
        .replace("spec.versions[0].schema.openAPIV3Schema", "ROOT");
  }

  @Test
  void kinds_notStructural_isInvalidWithTheKubernetesPath() {
    ObjectNode definition = CustomResourceTest.definition();
    ((ObjectNode) definition.at("/spec/versions/0/schema/openAPIV3Schema"))
        .withObjectProperty("properties")
        .putObject("spec");
    ApiException e = assertThrows(ApiException.class, () -> CustomResource.kinds(definition));
    assertEquals(422, e.code());
    assertEquals(
        "CustomResourceDefinition.apiextensions.k8s.io \"widgets.example.io\" is invalid:"
            + " spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value:"
            + " must not be empty for specified object fields",
        e.getMessage());
  }
}
