package dev.otherix.apiserver.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apiserver.health.Concerns;
import dev.otherix.apiserver.metrics.ServerMetrics;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Storage;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ConcernsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pause SHORT = _ -> Pause.real().await(Duration.ofMillis(5));
  private static final URI OTHER = URI.create("https://other:8443");

  private final Concerns concerns = new Concerns();
  private final AtomicLong now = new AtomicLong();

  private static List<String> names(Concerns concerns) {
    return concerns.present().stream().map(Concerns.Concern::name).toList();
  }

  @Test
  void concern_isToldOnce_untilItIsOver() {
    List<Concerns.Concern> told = new CopyOnWriteArrayList<>();
    concerns.onRaise(told::add);
    concerns.tell("slow-disk", false, "fine");
    concerns.tell("slow-disk", true, "700 ms");
    concerns.tell("slow-disk", true, "800 ms");
    assertEquals(List.of(new Concerns.Concern("slow-disk", "700 ms")), told);
    assertEquals(List.of("slow-disk"), names(concerns));
    concerns.tell("slow-disk", false, "fine");
    assertEquals(List.of(), names(concerns));
    concerns.tell("slow-disk", true, "900 ms");
    assertEquals(2, told.size());
  }

  private static Replicas.Announcement other(Storage store, Duration ahead) {
    WriteTimes writes = new WriteTimes(new Concerns(), System::nanoTime);
    return announce(store, writes, () -> InstantSource.system().instant().plus(ahead));
  }

  private static Replicas.Announcement announce(
      Storage store, WriteTimes writes, InstantSource clock) {
    return new Replicas(store)
        .announce(OTHER, "1", () -> Replicas.Member.NONE, writes, clock, new SecureRandom(), SHORT);
  }

  @Test
  void clockOfAnotherServerIsWrong_isAConcern_andOverWhenItIsRightOrGone() throws Exception {
    try (Storage store = new MemoryStorage(InstantSource.system());
        ReplicaClocks clocks = start(store)) {
      try (Replicas.Announcement _ = other(store, Duration.ofMinutes(-1))) {
        await().atMost(PATIENCE).until(() -> names(concerns).equals(List.of("clock-skew")));
        assertTrue(concerns.present().getFirst().message().contains(OTHER.toString()));
        assertFalse(clocks.families().getFirst().points().isEmpty());
      }
      await().atMost(PATIENCE).until(() -> names(concerns).isEmpty());
      try (Replicas.Announcement _ = other(store, Duration.ofMinutes(1))) {
        await().atMost(PATIENCE).until(() -> names(concerns).equals(List.of("clock-skew")));
      }
    }
  }

  private ReplicaClocks start(Storage store) {
    return ReplicaClocks.start(store, InstantSource.system(), concerns, SHORT);
  }

  /// Of the server with these concerns, whose clock only tests move.
  private WriteTimes writes() {
    return new WriteTimes(concerns, now::get);
  }

  private void write(WriteTimes writes, Duration took, int times) {
    for (int i = 0; i < times; i++) {
      now.addAndGet(WriteTimes.EVERY.toNanos());
      writes.took(took.toNanos());
    }
  }

  @Test
  void writesGetSlow_isAConcern_untilTheyAreFastAgain() {
    WriteTimes writes = writes();
    write(writes, Duration.ofMillis(700), WriteTimes.SAMPLES - 1);
    assertEquals(List.of(), names(concerns), "too few to tell");
    write(writes, Duration.ofMillis(700), 1);
    assertEquals(List.of("slow-disk"), names(concerns));
    assertTrue(concerns.present().getFirst().message().contains("700 ms"));
    assertTrue(writes.families().toString().contains("0.7"), writes.families().toString());
    write(writes, Duration.ofMillis(3), WriteTimes.SAMPLES / 2);
    assertEquals(List.of("slow-disk"), names(concerns), "most were slow");
    write(writes, Duration.ofMillis(3), 1);
    assertEquals(List.of(), names(concerns));
  }

  @Test
  void crowdOfSlowWrites_countsOnce() {
    WriteTimes writes = writes();
    write(writes, Duration.ofMillis(3), 1);
    for (int i = 0; i < 100; i++) {
      writes.took(Duration.ofSeconds(2).toNanos());
    }
    write(writes, Duration.ofMillis(3), WriteTimes.SAMPLES - 1);
    assertEquals(List.of(), names(concerns));
    assertTrue(writes.families().toString().contains("0.003"), writes.families().toString());
  }

  /// An idle server writes nothing but these, and they are what is looked at.
  @Test
  void announcements_areLookedAt() throws Exception {
    WriteTimes writes = writes();
    try (Storage store = new MemoryStorage(InstantSource.system());
        Replicas.Announcement _ = announce(store, writes, InstantSource.system())) {
      assertLookedAt(writes);
    }
  }

  @Test
  void writes_areLookedAt() {
    WriteTimes writes = writes();
    try (Storage store = new MemoryStorage(InstantSource.system());
        MeasuredStorage measured =
            new MeasuredStorage(store, new ServerMetrics().storage(), writes)) {
      measured.create("/registry/a/b", new byte[1], null);
      assertLookedAt(writes);
    }
  }

  private static void assertLookedAt(WriteTimes writes) {
    String shown = writes.families().toString();
    assertFalse(shown.contains("value=0.0]"), shown);
  }
}
