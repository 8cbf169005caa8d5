package dev.otherix.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.codec.YamlDocument;
import dev.otherix.apimachinery.fuzz.Fuzz;
import dev.otherix.apimachinery.manifest.Manifest;
import dev.otherix.apimachinery.manifest.ManifestCheck;
import dev.otherix.apimachinery.manifest.Problem;
import dev.otherix.apimachinery.status.ApiException;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// Whatever a file holds, checking it ends in problems that say something or in an object that
/// keeps being good when it is prepared again.
final class ManifestFuzzTest {
  private static final ManifestCheck CHECK = new ManifestCheck(Schemas.kinds());

  @Test
  void check_anyText_tellsProblemsOrIsStable() {
    Fuzz.runText(
        "manifest",
        text -> {
          List<YamlDocument> documents;
          try {
            documents = Yaml.readAll(text, Limits.REQUEST);
          } catch (ApiException e) {
            // What cannot be read is YamlFuzzTest's to judge.
            return;
          }
          documents.forEach(ManifestFuzzTest::check);
        });
  }

  private static void check(YamlDocument document) {
    Manifest manifest = CHECK.check(document);
    for (Problem problem : manifest.problems()) {
      assertFalse(problem.message().isBlank());
    }
    if (manifest.sound() && manifest.kind() != null) {
      ObjectNode prepared = manifest.object().deepCopy();
      assertEquals(List.of(), manifest.kind().prepare(prepared));
      assertEquals(List.of(), manifest.kind().validate(prepared));
      ObjectNode again = prepared.deepCopy();
      manifest.kind().prepare(again);
      assertEquals(prepared, again);
    }
  }
}
