package dev.otherix.apimachinery.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.fuzz.Fuzz;
import dev.otherix.apimachinery.status.ApiException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class YamlFuzzTest {
  @Test
  void readAll_anyText_isRefusedWithAPlaceOrComesBackEqual() {
    Fuzz.runText(
        "yaml",
        text -> {
          List<YamlDocument> documents;
          try {
            documents = Yaml.readAll(text, Limits.REQUEST);
          } catch (ApiException e) {
            assertEquals(400, e.code());
            return;
          }
          for (YamlDocument document : documents) {
            String written = Yaml.write(document.tree());
            List<YamlDocument> again = Yaml.readAll(written, Limits.STORED);
            assertEquals(1, again.size(), written);
            assertTrue(Json.equal(document.tree(), again.getFirst().tree()), written);
          }
        });
  }
}
