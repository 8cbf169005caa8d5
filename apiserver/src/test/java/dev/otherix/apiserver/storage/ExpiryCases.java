package dev.otherix.apiserver.storage;

import static dev.otherix.apiserver.storage.StorageCases.bytes;
import static dev.otherix.apiserver.storage.StorageCases.text;
import static dev.otherix.apiserver.storage.StorageCases.texts;
import static dev.otherix.apiserver.storage.StorageCases.written;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Entries with a time to live.
interface ExpiryCases extends StorageCases {
  Duration SHORT = Duration.ofSeconds(1);
  Duration LONG = Duration.ofHours(1);

  private void awaitGone(String key) {
    pass(SHORT.plusSeconds(1));
    await().atMost(patience()).until(() -> get(key) == null);
  }

  @Test
  default void create_withTimeToLive_disappearsWithAnEvent() throws InterruptedException {
    long created = written(store().create("/a/k", bytes("1"), SHORT));
    assertEquals("1", text(get("/a/k", created)));
    awaitGone("/a/k");
    List<StorageEvent> events = events("/a/", created);
    assertEquals(List.of("-/a/k<1"), texts(events));
    assertTrue(events.getFirst().revision() > created);
    assertNull(get("/a/k", events.getFirst().revision()));
    assertEquals(List.of(), list("/a/").entries());
  }

  @Test
  default void create_withTimeToLive_isThereBefore() {
    written(store().create("/a/k", bytes("1"), LONG));
    pass(LONG.minusMinutes(1));
    assertEquals("1", text(get("/a/k")));
  }

  @Test
  default void create_withoutTimeToLive_stays() {
    create("/a/k", "1");
    written(store().create("/a/short", bytes("1"), SHORT));
    awaitGone("/a/short");
    assertNotNull(get("/a/k"));
  }

  @Test
  default void expired_key_canBeCreatedAgain() {
    written(store().create("/a/k", bytes("1"), SHORT));
    awaitGone("/a/k");
    create("/a/k", "2");
    assertEquals("2", text(get("/a/k")));
  }

  @Test
  default void expired_entry_isInTheHistory() {
    long created = written(store().create("/a/k", bytes("1"), SHORT));
    awaitGone("/a/k");
    assertEquals("1", text(get("/a/k", created)));
  }

  @Test
  default void update_withNewTimeToLive_livesThatLong() {
    long created = written(store().create("/a/k", bytes("1"), SHORT));
    written(store().update("/a/k", bytes("2"), created, LONG));
    written(store().create("/a/other", bytes("1"), SHORT));
    awaitGone("/a/other");
    assertEquals("2", text(get("/a/k")));
  }

  @Test
  default void update_withoutTimeToLive_livesOn() {
    long created = written(store().create("/a/k", bytes("1"), SHORT));
    update("/a/k", "2", created);
    written(store().create("/a/other", bytes("1"), SHORT));
    awaitGone("/a/other");
    pass(LONG);
    assertEquals("2", text(get("/a/k")));
  }

  @Test
  default void update_withFirstTimeToLive_disappears() throws InterruptedException {
    long created = create("/a/k", "1");
    long updated = written(store().update("/a/k", bytes("2"), created, SHORT));
    awaitGone("/a/k");
    assertEquals(List.of("-/a/k<2"), texts(events("/a/", updated)));
  }

  @Test
  default void delete_beforeItsTime_isTheOnlyEvent() throws InterruptedException {
    long created = written(store().create("/a/k", bytes("1"), SHORT));
    delete("/a/k", created);
    long recreated = create("/a/k", "2");
    written(store().create("/a/other", bytes("1"), SHORT));
    awaitGone("/a/other");
    assertEquals("2", text(get("/a/k")));
    assertEquals(List.of("+/a/other=1", "-/a/other<1"), texts(events("/a/", recreated)));
  }

  @Test
  default void manyExpiries_areOneEventEach() throws InterruptedException {
    long start = store().revision();
    for (int i = 0; i < 50; i++) {
      written(store().create("/a/" + i, bytes("1"), SHORT));
    }
    pass(SHORT.plusSeconds(1));
    await().atMost(patience()).until(() -> list("/a/").entries().isEmpty());
    List<StorageEvent> events = events("/a/", start);
    assertEquals(100, events.size());
    assertEquals(100, events.stream().map(StorageCases::text).distinct().count());
  }

  @Test
  default void watch_waiting_seesTheExpiry() throws InterruptedException {
    long created = written(store().create("/a/k", bytes("1"), SHORT));
    try (Watch watch = store().watch("/a/", created)) {
      awaitGone("/a/k");
      assertEquals(List.of("-/a/k<1"), texts(until(watch, created, store().revision())));
    }
  }

  @Test
  default void timeToLive_belowASecond_isRefused() {
    long created = create("/a/k", "1");
    for (Duration each : List.of(Duration.ZERO, Duration.ofMillis(999), Duration.ofSeconds(-5))) {
      assertThrows(IllegalArgumentException.class, () -> store().create("/a/x", bytes("1"), each));
      assertThrows(
          IllegalArgumentException.class, () -> store().update("/a/k", bytes("1"), created, each));
    }
  }
}
