package dev.otherix.apiserver.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.request.Warnings;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class AdmissionTest {
  private final Warnings warnings = new Warnings();

  private static Attributes attributes() {
    return new Attributes(
        Operation.CREATE,
        WebhookKinds.validating(),
        "",
        "",
        "x",
        Json.parseObject("{}"),
        null,
        null,
        Caller.NOBODY,
        false);
  }

  private static Mutation appending(String name) {
    return (attributes, _) -> {
      ObjectNode object = attributes.object();
      if (object == null) {
        return null;
      }
      ObjectNode copy = object.deepCopy();
      copy.withArray("seen").add(name);
      return copy;
    };
  }

  @Test
  void mutate_severalMutations_runInOrderOnEachOthersResult() {
    Admission admission =
        Admission.NONE
            .mutating("a", appending("a"))
            .mutating("nothing", (_, _) -> null)
            .mutating("b", appending("b"))
            .validating("v", (_, _) -> {});
    ObjectNode changed = admission.mutate(attributes(), warnings);
    assertNotNull(changed);
    assertEquals("{\"seen\":[\"a\",\"b\"]}", changed.toString());
    assertEquals(List.of("a", "nothing", "b", "v"), admission.names());
  }

  @Test
  void mutate_nothingChanges_isNull() {
    assertNull(Admission.NONE.mutate(attributes(), warnings));
  }

  @Test
  void validate_firstRefusal_ends() {
    Admission admission =
        Admission.NONE
            .validating(
                "no",
                (_, _) -> {
                  throw ApiException.badRequest("no");
                })
            .validating(
                "later",
                (_, _) -> {
                  throw new IllegalStateException("must not run");
                });
    assertThrows(ApiException.class, () -> admission.validate(attributes(), warnings));
  }

  @Test
  void warnings_limits_cutAndDrop() {
    warnings.add("a\nb");
    warnings.add("a\nb");
    warnings.add("  ");
    assertEquals(List.of("a b"), warnings.texts());
    for (int i = 0; i < 100; i++) {
      warnings.add(i + "x".repeat(500));
    }
    int total = warnings.texts().stream().mapToInt(String::length).sum();
    assertTrue(total <= Warnings.TOTAL_MAX && total > Warnings.TOTAL_MAX - Warnings.LENGTH_MAX);
    for (int i = 0; i < 100; i++) {
      warnings.annotate("k" + i, "v".repeat(2000));
    }
    assertEquals(Warnings.ANNOTATIONS_MAX, warnings.annotations().size());
    assertEquals(
        Warnings.ANNOTATION_LENGTH_MAX, warnings.annotations().values().iterator().next().length());
  }
}
