package dev.otherix.apiserver.fairness;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.WouldWait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FairnessTest {
  private final AtomicLong waited = new AtomicLong();

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final RequestTraits GET = RequestTraits.of("get");

  private static final Caller ALICE = person("alice");
  private static final Caller BOB = person("bob");

  private static Caller person(String name) {
    return Caller.of(name, List.of("system:authenticated"));
  }

  /// Two seats for people, one for each other level.
  private Fairness fairness(int queueMax, int waitingMax, Duration wait) {
    Map<Level, Integer> seats =
        Map.of(Level.SYSTEM, 1, Level.MACHINES, 1, Level.PEOPLE, 2, Level.ANONYMOUS, 1);
    return new Fairness(
        new FairnessLimits(seats, FairnessLimits.DEFAULT.machines(), queueMax, waitingMax, wait),
        new Random(1),
        (_, nanos) -> waited.addAndGet(nanos));
  }

  private static LevelStats people(Fairness fairness) {
    return fairness.queues(Level.PEOPLE).stats();
  }

  private static void awaitWaiting(Fairness fairness, int count) {
    await().atMost(PATIENCE).until(() -> people(fairness).waiting() == count);
  }

  /// Waits for a ticket on a thread of its own, notes its name, gives the ticket back.
  private static Thread waiting(
      Fairness fairness, Caller caller, RequestTraits traits, List<String> served) {
    return Thread.ofVirtual()
        .start(() -> {
          try (Ticket ticket = fairness.admit(caller, traits, true)) {
            served.add(caller.name() + " " + ticket.level());
          } catch (InterruptedException e) {
            served.add(caller.name() + " interrupted");
          } catch (ApiException e) {
            served.add(caller.name() + " " + e.code());
          }
        });
  }

  record Case(String user, List<String> groups, boolean probe, Level level) {}

  static Stream<Case> callers() {
    return Stream.of(
        new Case("admin", List.of("system:masters"), false, Level.EXEMPT),
        new Case("system:anonymous", List.of("system:unauthenticated"), true, Level.EXEMPT),
        new Case("system:anonymous", List.of("system:unauthenticated"), false, Level.ANONYMOUS),
        new Case("node-a", List.of("system:nodes"), false, Level.MACHINES),
        new Case(
            "system:serviceaccount:a:b", List.of("system:serviceaccounts"), false, Level.MACHINES),
        new Case("system:scheduler", List.of("system:authenticated"), false, Level.SYSTEM),
        new Case("alice", List.of("system:authenticated"), false, Level.PEOPLE));
  }

  @ParameterizedTest
  @MethodSource("callers")
  void admit_caller_isInItsLevel(Case each) throws InterruptedException {
    Fairness fairness = fairness(1, 1, LONG);
    RequestTraits traits = each.probe ? RequestTraits.ofProbe() : GET;
    try (Ticket ticket = fairness.admit(Caller.of(each.user, each.groups), traits, false)) {
      assertEquals(each.level, ticket.level());
      assertEquals(1, fairness.queues(each.level).stats().executing());
    }
    assertEquals(0, fairness.queues(each.level).stats().executing());
  }

  @Test
  void seats_growWithTheList() {
    assertEquals(1, GET.seats());
    assertEquals(1, RequestTraits.ofList(0, false).seats());
    assertEquals(1, RequestTraits.ofList(100, false).seats());
    assertEquals(2, RequestTraits.ofList(101, false).seats());
    assertEquals(10, RequestTraits.ofList(1_000_000, false).seats());
    assertEquals(4, RequestTraits.ofList(101, true).seats());
    assertEquals(20, RequestTraits.ofList(1_000_000, true).seats());
  }

  @Test
  void admit_full_mayNotWait_wouldWaitAndChangesNothing() throws InterruptedException {
    Fairness fairness = fairness(10, 10, LONG);
    try (Ticket one = fairness.admit(ALICE, GET, false);
        Ticket two = fairness.admit(ALICE, GET, false)) {
      assertEquals(one.level(), two.level());
      LevelStats before = people(fairness);
      assertThrows(WouldWait.class, () -> fairness.admit(BOB, GET, false));
      assertEquals(before, people(fairness));
    }
  }

  @Test
  void ticket_closedTwice_givesOneSeatBack() throws InterruptedException {
    Fairness fairness = fairness(10, 10, LONG);
    Ticket one = fairness.admit(ALICE, GET, false);
    Ticket two = fairness.admit(ALICE, GET, false);
    one.close();
    one.close();
    assertEquals(1, people(fairness).seatsInUse());
    two.close();
    assertEquals(0, people(fairness).seatsInUse());
  }

  @Test
  void thousandRequestsOfOne_doNotStopAnothers() throws InterruptedException {
    Fairness fairness = fairness(1_000, 10_000, LONG);
    Ticket one = fairness.admit(ALICE, GET, true);
    Ticket two = fairness.admit(ALICE, GET, true);
    List<String> served = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      threads.add(waiting(fairness, ALICE, GET, served));
    }
    awaitWaiting(fairness, 1_000);
    // Takes both seats: nothing else runs beside it, so that the order is known.
    threads.add(waiting(fairness, BOB, RequestTraits.ofList(200, false), served));
    awaitWaiting(fairness, 1_001);
    one.close();
    two.close();
    for (Thread each : threads) {
      each.join();
    }
    int bob = served.indexOf("bob PEOPLE");
    assertTrue(bob >= 0 && bob <= 4, "bob was served as number " + bob);
    assertEquals(1_001, served.size());
    assertEquals(0, people(fairness).seatsInUse());
  }

  @Test
  void fullLevel_doesNotTouchOthers() throws InterruptedException {
    Fairness fairness = fairness(10, 10, LONG);
    List<String> served = new CopyOnWriteArrayList<>();
    Caller anonymous = Caller.of("system:anonymous", List.of("system:unauthenticated"));
    Ticket busy = fairness.admit(anonymous, GET, true);
    Thread queued = waiting(fairness, anonymous, GET, served);
    await().atMost(PATIENCE).until(() -> fairness.queues(busy.level()).stats().waiting() == 1);
    for (Caller caller :
        List.of(
            ALICE,
            Caller.of("node-a", List.of("system:nodes")),
            Caller.of("system:scheduler", List.of()),
            Caller.of("root", List.of("system:masters")))) {
      fairness.admit(caller, GET, false).close();
    }
    fairness.admit(anonymous, RequestTraits.ofProbe(), false).close();
    busy.close();
    queued.join();
    assertEquals(List.of("system:anonymous ANONYMOUS"), served);
  }

  @Test
  void largeRequest_isNotPassedOver_andRunsAloneWhenLargerThanTheLevel()
      throws InterruptedException {
    Fairness fairness = fairness(10, 10, LONG);
    List<String> served = new CopyOnWriteArrayList<>();
    Ticket small = fairness.admit(ALICE, GET, true);
    Thread large = waiting(fairness, BOB, RequestTraits.ofList(1_000_000, true), served);
    awaitWaiting(fairness, 1);
    // A seat is free, but bob's turn comes first.
    assertThrows(WouldWait.class, () -> fairness.admit(ALICE, GET, false));
    small.close();
    large.join();
    assertEquals(List.of("bob PEOPLE"), served);
    assertEquals(0, people(fairness).seatsInUse());
  }

  @Test
  void queueOfOneUser_isBounded_andTheRefusalIsA429() throws InterruptedException {
    Fairness fairness = fairness(2, 3, LONG);
    List<String> served = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    Ticket one = fairness.admit(ALICE, GET, true);
    Ticket two = fairness.admit(ALICE, GET, true);
    threads.add(waiting(fairness, ALICE, GET, served));
    threads.add(waiting(fairness, ALICE, GET, served));
    awaitWaiting(fairness, 2);
    ApiException refused = assertThrows(ApiException.class, () -> fairness.admit(ALICE, GET, true));
    assertTrue(refused.is(StatusReason.TOO_MANY_REQUESTS));
    Status.Details details = refused.status().details();
    assertTrue(details != null && details.retryAfterSeconds() >= 1);
    threads.add(waiting(fairness, BOB, GET, served));
    awaitWaiting(fairness, 3);
    assertThrows(
        ApiException.class, () -> fairness.admit(person("carol"), GET, true), "level is full");
    assertEquals(2, people(fairness).rejectedQueueFull());
    one.close();
    two.close();
    for (Thread each : threads) {
      each.join();
    }
    assertEquals(3, served.size());
  }

  @Test
  void wait_isBounded() throws InterruptedException {
    Fairness fairness = fairness(10, 10, Duration.ofMillis(1));
    try (Ticket one = fairness.admit(ALICE, GET, true);
        Ticket two = fairness.admit(ALICE, GET, true)) {
      assertEquals(one.level(), two.level());
      assertThrows(ApiException.class, () -> fairness.admit(BOB, GET, true));
      assertEquals(1, people(fairness).rejectedTimeOut());
      assertEquals(0, people(fairness).waiting());
      assertTrue(waited.get() > 0);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void interruptions_atAnyMoment_loseNoSeat(long seed) throws InterruptedException {
    Random random = new Random(seed);
    Fairness fairness = fairness(20, 60, Duration.ofMillis(20));
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      Caller caller = person("u" + random.nextInt(5));
      RequestTraits traits = RequestTraits.ofList(random.nextInt(300), false);
      long hold = random.nextInt(100_000);
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try (Ticket ticket = fairness.admit(caller, traits, true)) {
                  most.accumulateAndGet(running.incrementAndGet(), Math::max);
                  assertEquals(Level.PEOPLE, ticket.level());
                  // Keeps the seat long enough for others to queue and to be interrupted.
                  LockSupport.parkNanos(hold);
                  running.decrementAndGet();
                } catch (InterruptedException | ApiException e) {
                  refused.incrementAndGet();
                }
              }));
      if (random.nextInt(3) == 0) {
        threads.get(random.nextInt(threads.size())).interrupt();
      }
    }
    for (Thread each : threads) {
      each.join();
    }
    LevelStats stats = people(fairness);
    String what = "seed " + seed + ": " + stats;
    assertEquals(0, stats.seatsInUse(), what);
    assertEquals(0, stats.executing(), what);
    assertEquals(0, stats.waiting(), what);
    assertEquals(0, running.get(), what);
    assertTrue(most.get() <= 2, what);
    assertEquals(
        refused.get(),
        stats.rejectedCancelled() + stats.rejectedTimeOut() + stats.rejectedQueueFull(),
        what);
    fairness.admit(ALICE, RequestTraits.ofList(200, false), false).close();
  }

  @Test
  void retryAfter_isSpread() throws InterruptedException {
    Fairness fairness =
        new Fairness(
            new FairnessLimits(
                FairnessLimits.DEFAULT.seats(), FairnessLimits.DEFAULT.machines(), 1, 0, LONG),
            new Random(7),
            (_, _) -> {});
    List<Ticket> held = new ArrayList<>();
    int seats = fairness.queues(Level.PEOPLE).stats().seats();
    for (int i = 0; i < seats; i++) {
      held.add(fairness.admit(ALICE, GET, true));
    }
    List<Integer> told = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ApiException refused = assertThrows(ApiException.class, () -> fairness.admit(BOB, GET, true));
      Status.Details details = refused.status().details();
      told.add(details == null ? 0 : details.retryAfterSeconds());
    }
    assertEquals(List.of(1, 2, 3, 4), told.stream().distinct().sorted().toList());
    held.forEach(Ticket::close);
  }
}
