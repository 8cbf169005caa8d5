package dev.otherix.controllers.runtime;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.controllers.runtime.WorkQueue.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class WorkQueueTest {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private WorkQueue<String> queue() {
    return new WorkQueue<>(() -> now, backoff());
  }

  private static Backoff backoff() {
    return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10), new Random(3));
  }

  @Test
  void add_twice_isThereOnce() {
    WorkQueue<String> queue = queue();
    queue.add("a");
    queue.add("a");
    assertEquals("a", queue.poll());
    assertNull(queue.poll());
  }

  @Test
  void add_whileInWork_comesAgainAfterwards() {
    WorkQueue<String> queue = queue();
    queue.add("a");
    assertEquals("a", queue.poll());
    queue.add("a");
    assertNull(queue.poll());
    queue.done("a");
    assertEquals("a", queue.poll());
    queue.done("a");
    assertTrue(queue.isIdle());
  }

  @Test
  void fresh_passesRoutine() {
    WorkQueue<String> queue = queue();
    queue.add("r1", Priority.ROUTINE);
    queue.add("r2", Priority.ROUTINE);
    queue.add("f");
    queue.add("r2");
    assertEquals(List.of("f", "r2", "r1"), List.of(queue.poll(), queue.poll(), queue.poll()));
  }

  @Test
  void addAfter_comesWhenDue_andTheEarliestCounts() {
    WorkQueue<String> queue = queue();
    queue.addAfter("a", Duration.ofSeconds(5));
    queue.addAfter("a", Duration.ofSeconds(2));
    queue.addAfter("a", Duration.ofSeconds(9));
    assertNull(queue.poll());
    now = now.plusSeconds(2);
    assertEquals("a", queue.poll());
    queue.done("a");
    now = now.plusSeconds(60);
    assertNull(queue.poll());
  }

  @Test
  void retry_waitsEverLonger_untilForgotten() {
    WorkQueue<String> queue = queue();
    for (int step = 100; step <= 6_400; step *= 2) {
      long wait = queue.retry("a").toMillis();
      assertTrue(wait >= step / 2 && wait <= step, wait + " of " + step);
    }
    for (int i = 0; i < 40; i++) {
      assertTrue(queue.retry("a").toMillis() <= 10_000);
    }
    queue.forget("a");
    assertTrue(queue.retry("a").toMillis() <= 100);
  }

  @Test
  void shutDown_letsNothingMoreOut() throws InterruptedException {
    WorkQueue<String> queue = queue();
    queue.add("a");
    queue.shutDown();
    assertNull(queue.take());
    queue.add("b");
    assertNull(queue.poll());
  }

  /// Against a model: what is added is worked on afterwards, never twice at once.
  @Test
  void randomSteps_loseNothing() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      WorkQueue<String> queue = queue();
      Map<String, Integer> addedAt = new HashMap<>();
      Map<String, Integer> takenAt = new HashMap<>();
      Set<String> inWork = new HashSet<>();
      for (int step = 1; step < 400; step++) {
        String key = "k" + random.nextInt(6);
        switch (random.nextInt(5)) {
          case 0 -> {
            queue.add(key, random.nextBoolean() ? Priority.FRESH : Priority.ROUTINE);
            addedAt.put(key, step);
          }
          case 1 -> {
            queue.addAfter(key, Duration.ofMillis(random.nextInt(50)));
            addedAt.put(key, step);
          }
          case 2 -> now = now.plusMillis(random.nextInt(40));
          case 3 -> {
            String taken = queue.poll();
            if (taken != null) {
              assertTrue(inWork.add(taken), "seed " + seed + ": twice at once " + taken);
              takenAt.put(taken, step);
            }
          }
          default -> {
            if (!inWork.isEmpty()) {
              String done = inWork.iterator().next();
              inWork.remove(done);
              queue.done(done);
            }
          }
        }
      }
      inWork.forEach(queue::done);
      now = now.plusSeconds(60);
      for (String left = queue.poll(); left != null; left = queue.poll()) {
        takenAt.put(left, 1_000);
        queue.done(left);
      }
      for (Map.Entry<String, Integer> added : addedAt.entrySet()) {
        int taken = takenAt.getOrDefault(added.getKey(), 0);
        assertTrue(taken > added.getValue(), "seed " + seed + ": lost " + added.getKey());
      }
    }
  }

  @Test
  void manyThreads_keyIsWithOneWorkerAndNoAddIsLost() throws InterruptedException {
    WorkQueue<Integer> queue = new WorkQueue<>(InstantSource.system(), backoff());
    int keys = 20;
    AtomicInteger[] wanted = new AtomicInteger[keys];
    Map<Integer, Integer> seen = new ConcurrentHashMap<>();
    Set<Integer> inWork = ConcurrentHashMap.newKeySet();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      wanted[i] = new AtomicInteger();
    }
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      workers.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (Integer key = queue.take(); key != null; key = queue.take()) {
                    if (!inWork.add(key)) {
                      synchronized (wrong) {
                        wrong.add("twice at once: " + key);
                      }
                    }
                    seen.put(key, wanted[key].get());
                    inWork.remove(key);
                    queue.done(key);
                  }
                } catch (InterruptedException e) {
                  throw new AssertionError("interrupted", e);
                }
              }));
    }
    List<Thread> adders = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Random random = new Random(i);
      adders.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int n = 0; n < 5_000; n++) {
                  int key = random.nextInt(keys);
                  wanted[key].incrementAndGet();
                  queue.add(key);
                }
              }));
    }
    for (Thread each : adders) {
      each.join();
    }
    await().until(queue::isIdle);
    queue.shutDown();
    for (Thread each : workers) {
      each.join();
    }
    assertEquals(List.of(), wrong);
    for (int i = 0; i < keys; i++) {
      assertEquals(wanted[i].get(), seen.get(i), "the last add of " + i + " was not worked on");
    }
  }
}
