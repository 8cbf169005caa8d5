package dev.otherix.apiserver.watchcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.storage.Entry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class EventRingTest {
  private static final long MB = 1 << 20;

  private static EventRing ring(int min, int max, long bytes, Duration age) {
    return new EventRing(CacheOptions.of("/w/").withRing(min, max, bytes, age));
  }

  private static CacheItem item(long revision, int bytes) {
    return Fixture.item(new Entry("/w/a", new byte[bytes], revision));
  }

  private static void append(EventRing ring, long revision, long millis, int bytes) {
    ring.append(revision, millis, item(revision - 1, bytes), item(revision, bytes));
  }

  @Test
  void append_young_growsToTheMaximumAndThenEvicts() {
    EventRing ring = ring(4, 16, MB, Duration.ofMinutes(1));
    for (int i = 1; i <= 40; i++) {
      append(ring, i * 10L, 0, 1);
      assertEquals(Math.min(i, 16), ring.size());
    }
    assertEquals(16, ring.capacity());
    assertEquals(24, ring.evictions());
    assertEquals(240, ring.completeAfter());
    assertNull(ring.get(23));
    assertEquals(250, held(ring.get(24)).revision);
    assertEquals(400, held(ring.get(39)).revision);
    assertNull(ring.get(40));
  }

  private static Change held(@Nullable Change change) {
    if (change == null) {
      throw new AssertionError("the ring does not have it");
    }
    return change;
  }

  @Test
  void append_old_staysSmallAndShrinks() {
    EventRing ring = ring(4, 1024, MB, Duration.ofMillis(100));
    for (int i = 1; i <= 500; i++) {
      append(ring, i, 0, 1);
    }
    assertEquals(512, ring.capacity());
    ring.evictAged(101);
    assertEquals(4, ring.size());
    assertTrue(ring.capacity() <= 16, "capacity " + ring.capacity());
    for (int i = 501; i <= 600; i++) {
      append(ring, i, i * 1000L, 1);
    }
    assertEquals(5, ring.size());
    for (long i = ring.tail(); i < ring.head(); i++) {
      assertEquals(i + 1, held(ring.get(i)).revision);
    }
  }

  @Test
  void append_large_isBoundedByBytes() {
    EventRing ring = ring(4, 1024, 10_000, Duration.ofMinutes(1));
    for (int i = 1; i <= 100; i++) {
      append(ring, i, 0, 1000);
      assertTrue(ring.bytes() <= 10_000);
    }
    assertEquals(8, ring.size());
    assertEquals(92, ring.completeAfter());
  }

  @Test
  void firstAfter_everyRevision_isTheNextChange() {
    EventRing ring = ring(4, 16, MB, Duration.ofMinutes(1));
    for (int i = 1; i <= 30; i++) {
      append(ring, i * 10L, 0, 1);
    }
    for (long revision = ring.completeAfter(); revision < 300; revision++) {
      Change next = held(ring.get(ring.firstAfter(revision)));
      assertEquals((revision / 10 + 1) * 10, next.revision);
    }
    assertEquals(ring.head(), ring.firstAfter(300));
    assertEquals(ring.head(), ring.firstAfter(999));
  }

  @Test
  void restart_afterChanges_numbersGoOn() {
    EventRing ring = ring(4, 16, MB, Duration.ofMinutes(1));
    append(ring, 1, 0, 1);
    append(ring, 2, 0, 1);
    ring.restart(50);
    assertNull(ring.get(0));
    assertNull(ring.get(1));
    assertEquals(50, ring.completeAfter());
    append(ring, 51, 0, 1);
    assertEquals(51, held(ring.get(2)).revision);
  }

  @Test
  void evictThrough_revision_keepsWhatIsLater() {
    EventRing ring = ring(4, 16, MB, Duration.ofMinutes(1));
    for (int i = 1; i <= 10; i++) {
      append(ring, i, 0, 1);
    }
    ring.evictThrough(7);
    assertEquals(7, ring.completeAfter());
    assertEquals(3, ring.size());
    assertEquals(8, held(ring.get(ring.tail())).revision);
  }
}
