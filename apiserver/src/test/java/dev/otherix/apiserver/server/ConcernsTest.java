package dev.otherix.apiserver.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apiserver.health.Concerns;
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
    InstantSource clock = () -> InstantSource.system().instant().plus(ahead);
    return new Replicas(store).announce(OTHER, "1", "", clock, new SecureRandom(), SHORT);
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

  @Test
  void writesGetSlow_isAConcern_untilTheyAreFastAgain() throws Exception {
    AtomicLong step = new AtomicLong(Duration.ofMillis(700).toNanos());
    AtomicLong now = new AtomicLong();
    try (Storage store = new MemoryStorage(InstantSource.system());
        WriteProbe probe =
            WriteProbe.start(store, "a", concerns, () -> now.addAndGet(step.get()), SHORT)) {
      await().atMost(PATIENCE).until(() -> names(concerns).equals(List.of("slow-disk")));
      assertFalse(probe.families().isEmpty());
      step.set(Duration.ofMillis(3).toNanos());
      await().atMost(PATIENCE).until(() -> names(concerns).isEmpty());
    }
  }
}
