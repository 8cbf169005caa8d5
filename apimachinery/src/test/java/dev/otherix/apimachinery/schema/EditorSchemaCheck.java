package dev.otherix.apimachinery.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Holds manifests against the editor's schema as an editor does, in draft-07.
final class EditorSchemaCheck {
  private final Schema schema;

  EditorSchemaCheck(Collection<Kind> kinds) {
    schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
            .getSchema(EditorSchema.of(kinds));
  }

  void valid(ObjectNode manifest) {
    assertEquals(List.of(), schema.validate(manifest), manifest.toString());
  }

  void valid(ObjectNode manifest, String spec) {
    valid(with(manifest, spec));
  }

  void invalid(ObjectNode manifest) {
    List<Error> errors = schema.validate(manifest);
    assertFalse(errors.isEmpty(), manifest.toString());
  }

  void invalid(ObjectNode manifest, String spec) {
    invalid(with(manifest, spec));
  }

  private static ObjectNode with(ObjectNode manifest, String spec) {
    ObjectNode out = manifest.deepCopy();
    out.set("spec", TestKinds.json(spec));
    return out;
  }
}
