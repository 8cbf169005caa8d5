package dev.otherix.apimachinery.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.otherix.apimachinery.status.ApiException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

final class PatchTypeTest {
  private static final List<PatchType> CUSTOM =
      List.of(PatchType.JSON, PatchType.MERGE, PatchType.APPLY);

  @ParameterizedTest
  @CsvSource({
    "application/json-patch+json, JSON",
    "application/merge-patch+json, MERGE",
    "application/apply-patch+yaml, APPLY",
    "application/merge-patch+json; charset=utf-8, MERGE",
    "' Application/JSON-Patch+JSON ;q=1', JSON",
  })
  void fromContentType_accepted_isTheType(String header, PatchType expected) {
    assertEquals(expected, PatchType.fromContentType(header, CUSTOM));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "application/json",
        "application/strategic-merge-patch+json",
        "application/json-patch",
        "application/apply-patch+cbor",
        ";"
      })
  void fromContentType_other_is415AndListsTheAccepted(@Nullable String header) {
    ApiException e =
        assertThrows(ApiException.class, () -> PatchType.fromContentType(header, CUSTOM));
    assertEquals(415, e.code());
    assertEquals(
        "the body of the request was in an unknown format - accepted media types include:"
            + " application/json-patch+json, application/merge-patch+json,"
            + " application/apply-patch+yaml",
        e.getMessage());
  }
}
