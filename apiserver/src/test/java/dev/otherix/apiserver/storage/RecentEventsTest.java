package dev.otherix.apiserver.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The ring, at its bounds.
final class RecentEventsTest {
  private static final int EVENTS_MAX = 16_384;
  private static final long BEGIN = 1_000_000;

  private final RecentEvents recent = new RecentEvents(BEGIN);

  private void publish(long from, int count, int bytes) {
    List<StorageEvent> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      batch.add(new StorageEvent.Created(new Entry("/a/k", new byte[bytes], from + i)));
    }
    recent.publish(batch, from + count - 1);
  }

  private Watch.Batch read(long after) {
    Watch.Batch batch = recent.read("/a/", after, Integer.MAX_VALUE);
    assertNotNull(batch, "nothing is held after " + after);
    return batch;
  }

  @Test
  void read_fullRing_isTheLastEvents() {
    publish(BEGIN + 1, EVENTS_MAX, 1);
    assertEquals(EVENTS_MAX, read(BEGIN).events().size());
    publish(BEGIN + EVENTS_MAX + 1, 100, 1);
    assertNull(recent.read("/a/", BEGIN + 99, 10));
    List<StorageEvent> events = read(BEGIN + 100).events();
    assertEquals(EVENTS_MAX, events.size());
    for (int i = 0; i < events.size(); i++) {
      assertEquals(BEGIN + 101 + i, events.get(i).revision());
    }
  }

  @Test
  void publish_batchLargerThanTheRing_keepsItsEnd() {
    publish(BEGIN + 1, 3 * EVENTS_MAX, 1);
    assertNull(recent.read("/a/", BEGIN + 2 * EVENTS_MAX - 1, 10));
    assertEquals(EVENTS_MAX, read(BEGIN + 2 * EVENTS_MAX).events().size());
  }

  @Test
  void publish_manyBytes_dropsTheOldest() {
    publish(BEGIN + 1, 10, 8 << 20);
    assertNull(recent.read("/a/", BEGIN + 6, 10));
    assertEquals(3, read(BEGIN + 7).events().size());
    publish(BEGIN + 11, 1, 64 << 20);
    assertNull(recent.read("/a/", BEGIN + 10, 10));
    assertEquals(new Watch.Batch(List.of(), BEGIN + 11), read(BEGIN + 11));
    publish(BEGIN + 12, 5, 1);
    assertEquals(5, read(BEGIN + 11).events().size());
  }

  @Test
  void read_limit_endsTheBatchAtItsLastEvent() {
    publish(BEGIN + 1, 10, 1);
    Watch.Batch batch = recent.read("/a/", BEGIN + 2, 3);
    assertNotNull(batch);
    assertEquals(3, batch.events().size());
    assertEquals(BEGIN + 5, batch.revision());
  }

  @Test
  void read_otherPrefix_isProgressOnly() {
    publish(BEGIN + 1, 10, 1);
    assertEquals(new Watch.Batch(List.of(), BEGIN + 10), recent.read("/b/", BEGIN, 3));
  }

  @Test
  void publish_gap_isABug() {
    assertThrows(IllegalStateException.class, () -> publish(BEGIN + 2, 1, 1));
  }
}
