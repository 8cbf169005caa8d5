package dev.otherix.apimachinery.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.fuzz.Fuzz;
import dev.otherix.apimachinery.status.ApiException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class JsonFuzzTest {
  @Test
  void decode_anyBytes_isRefusedOrComesBackEqual() {
    Fuzz.run(
        "json",
        bytes -> {
          Json.Decoded decoded;
          try {
            decoded = Json.decode(bytes, Limits.REQUEST);
          } catch (ApiException e) {
            assertEquals(400, e.code());
            return;
          }
          byte[] written = decoded.tree().toString().getBytes(StandardCharsets.UTF_8);
          Json.Decoded again = Json.decode(written, Limits.REQUEST);
          assertTrue(Json.equal(decoded.tree(), again.tree()));
          assertTrue(again.duplicates().isEmpty());
          byte[] canonical = CanonicalJson.encode(decoded.tree());
          assertArrayEquals(canonical, CanonicalJson.encode(again.tree()));
          assertTrue(Json.equal(decoded.tree(), Json.decode(canonical, Limits.REQUEST).tree()));
        });
  }
}
