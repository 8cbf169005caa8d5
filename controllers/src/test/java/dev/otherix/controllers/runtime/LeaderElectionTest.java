package dev.otherix.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.runtime.LeaderElection.Leadership;
import dev.otherix.controllers.runtime.LeaderElection.Times;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
final class LeaderElectionTest {
  private static final ObjectKey LEASE = new ObjectKey("kube-system", "test");

  private final TestCluster cluster;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Instant now = START;

  /// How far the time of day was set ahead of the steady clock.
  private long dayAhead;

  LeaderElectionTest() throws Exception {
    cluster = new TestCluster();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private LeaderElection candidate(String name, long ahead) {
    return new LeaderElection(
        cluster.client(),
        LEASE,
        name,
        Times.DEFAULT,
        () -> now.plusSeconds(ahead + dayAhead),
        () -> ChronoUnit.NANOS.between(START, now));
  }

  private static Optional<Leadership> term(long term) {
    return Optional.of(new Leadership(term));
  }

  @Test
  void twoCandidates_theFirstLeadsWhileItRenews() throws InterruptedException {
    LeaderElection first = candidate("a", 0);
    // The clock of another machine may be anywhere.
    LeaderElection second = candidate("b", 86_400);
    for (int i = 0; i < 20; i++) {
      assertEquals(term(0), first.step());
      assertEquals(Optional.empty(), second.step());
      now = now.plusSeconds(5);
    }
  }

  @Test
  void leaderThatIsSilent_stopsBeforeAnotherLeads() throws InterruptedException {
    LeaderElection first = candidate("a", 0);
    LeaderElection second = candidate("b", -3_600);
    first.step();
    second.step();
    now = now.plusSeconds(10);
    assertEquals(Optional.empty(), first.leadership());
    assertEquals(Optional.empty(), second.step());
    now = now.plusSeconds(5);
    assertEquals(term(1), second.step());
    assertEquals(Optional.empty(), first.step());
    now = now.plusSeconds(16);
    assertEquals(term(2), first.step());
    assertEquals(Optional.empty(), second.step());
  }

  @Test
  void release_letsAnotherLeadAtOnce() throws InterruptedException {
    LeaderElection first = candidate("a", 0);
    LeaderElection second = candidate("b", 0);
    first.step();
    first.release();
    assertEquals(Optional.empty(), first.leadership());
    assertEquals(term(1), second.step());
  }

  @Test
  void dayClockSetBack_leaderStopsAllTheSame() throws InterruptedException {
    LeaderElection first = candidate("a", 0);
    LeaderElection second = candidate("b", 0);
    first.step();
    second.step();
    dayAhead = -86_400;
    now = now.plusSeconds(15);
    assertEquals(Optional.empty(), first.leadership());
    assertEquals(term(1), second.step());
  }

  @Test
  void dayClockSetAhead_nobodyTakesOverEarly() throws InterruptedException {
    LeaderElection first = candidate("a", 0);
    LeaderElection second = candidate("b", 0);
    first.step();
    second.step();
    dayAhead = 86_400;
    assertEquals(Optional.empty(), second.step());
    // Asleep or not: the leader cannot know, and has to ask.
    assertEquals(Optional.empty(), first.leadership());
  }

  @Test
  void writes_endBeforeAnotherCanLead() throws InterruptedException {
    LeaderElection first = candidate("a", 0);
    assertThrows(ConnectionException.class, first::writeMax);
    first.step();
    assertEquals(Duration.ofSeconds(15), first.writeMax());
    now = now.plusSeconds(9);
    assertEquals(Duration.ofSeconds(6), first.writeMax());
    now = now.plusSeconds(1);
    assertThrows(ConnectionException.class, first::writeMax);
  }

  @Test
  void seize_takesFromTheDead() throws InterruptedException {
    candidate("a", 0).step();
    assertEquals(term(1), candidate("b", 0).seize());
  }

  @Test
  void randomSteps_neverTwoLeaders_termsGrow() throws InterruptedException {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      LeaderElection[] candidates = {
        candidate("a" + seed, 0), candidate("b" + seed, 7_777), candidate("c" + seed, -555)
      };
      long last = -1;
      for (int step = 0; step < 100; step++) {
        candidates[random.nextInt(3)].step();
        int leaders = 0;
        for (LeaderElection each : candidates) {
          if (each.leadership().isPresent()) {
            leaders++;
            long term = each.leadership().get().term();
            assertTrue(term >= last, "seed " + seed + ": term " + term + " after " + last);
            last = term;
          }
        }
        assertTrue(leaders <= 1, "seed " + seed + ": " + leaders + " leaders");
        now = now.plusSeconds(random.nextInt(8));
      }
      now = now.plusSeconds(60);
    }
  }
}
