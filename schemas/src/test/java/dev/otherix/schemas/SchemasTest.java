package dev.otherix.schemas;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class SchemasTest {
  @Test
  void kinds_areTheTenOfTheApi() {
    assertEquals(10, Schemas.kinds().all().size());
  }
}
