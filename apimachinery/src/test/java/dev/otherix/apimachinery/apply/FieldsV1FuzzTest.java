package dev.otherix.apimachinery.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.fuzz.Fuzz;
import dev.otherix.apimachinery.status.ApiException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class FieldsV1FuzzTest {
  @Test
  void read_anyTree_isMalformedOrComesBackEqual() {
    Fuzz.runText(
        "fields-v1",
        text -> {
          JsonNode tree;
          try {
            tree = Json.parse(text);
          } catch (ApiException e) {
            // What cannot be read is JsonFuzzTest's to judge.
            return;
          }
          try {
            FieldSet set = FieldsV1.read(tree);
            assertEquals(set, FieldsV1.read(FieldsV1.write(set)));
          } catch (MalformedFieldsException e) {
            assertEquals(false, String.valueOf(e.getMessage()).isEmpty());
          }
        });
  }
}
