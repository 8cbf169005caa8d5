package dev.otherix.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Many clients write the same object: none of their writes is lost, none happens twice.
@Tag("slow")
final class ConcurrentUpdatesTest {
  private static final int THREADS = 16;
  private static final int INCREMENTS = 50;
  private static final String ONE = Scene.CONFIG_MAPS + "/one";

  private final Scene scene = new Scene();

  @AfterEach
  void stop() {
    scene.close();
  }

  private static void inThreads(Runnable work) throws InterruptedException {
    AtomicReference<Throwable> failed = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Thread thread = Thread.ofVirtual().unstarted(work);
      thread.setUncaughtExceptionHandler((_, e) -> failed.set(e));
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (Thread each : threads) {
      each.join();
    }
    if (failed.get() != null) {
      throw new AssertionError(failed.get());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "merge"})
  void increments_byReadAndConditionalWrite_areAllThere(String way) throws InterruptedException {
    scene.create(Scene.CONFIG_MAPS, "{'metadata':{'name':'one'},'data':{'n':'0'}}");
    inThreads(() -> {
      for (int i = 0; i < INCREMENTS; i++) {
        increment(way);
      }
    });
    assertEquals(Integer.toString(THREADS * INCREMENTS), scene.client.get(ONE).at("/data/n"));
  }

  private void increment(String way) {
    while (true) {
      ObjectNode object = scene.client.get(ONE).json();
      int next = Integer.parseInt(object.at("/data/n").asString("")) + 1;
      String revision = object.at("/metadata/resourceVersion").asString("");
      Reply reply;
      if (way.equals("PUT")) {
        object.withObjectProperty("data").put("n", Integer.toString(next));
        reply = scene.client.put(ONE, object.toString());
      } else {
        reply =
            scene.client.patch(
                ONE,
                Scene.MERGE,
                Scene.json(
                    "{'metadata':{'resourceVersion':'%s'},'data':{'n':'%d'}}"
                        .formatted(revision, next)));
      }
      if (reply.status() == 200) {
        return;
      }
      assertEquals(409, reply.status(), reply::text);
    }
  }

  @Test
  void patchesOfDifferentMembers_withoutRevision_areAllThere() throws InterruptedException {
    scene.create(Scene.CONFIG_MAPS, "{'metadata':{'name':'one'},'data':{}}");
    AtomicInteger number = new AtomicInteger();
    inThreads(() -> {
      for (int i = 0; i < 20; i++) {
        String body = Scene.json("{'data':{'k" + number.incrementAndGet() + "':'v'}}");
        Reply reply = scene.client.patch(ONE, Scene.MERGE, body);
        while (reply.status() == 409) {
          reply = scene.client.patch(ONE, Scene.MERGE, body);
        }
        assertEquals(200, reply.status(), reply::text);
      }
    });
    assertEquals(THREADS * 20, scene.client.get(ONE).json().path("data").size());
  }

  @Test
  void createWithOneName_succeedsOnce() throws InterruptedException {
    List<Integer> answers = Collections.synchronizedList(new ArrayList<>());
    inThreads(() ->
        answers.add(
            scene
                .client
                .post(Scene.CONFIG_MAPS, Scene.json("{'metadata':{'name':'one'}}"))
                .status()));
    assertEquals(1, answers.stream().filter(each -> each == 201).count(), answers::toString);
    assertEquals(
        THREADS - 1, answers.stream().filter(each -> each == 409).count(), answers::toString);
  }

  @Test
  void generateName_byMany_givesEachItsOwn() throws InterruptedException {
    inThreads(() -> {
      for (int i = 0; i < 20; i++) {
        Reply reply =
            scene.client.post(Scene.CONFIG_MAPS, Scene.json("{'metadata':{'generateName':'g-'}}"));
        assertEquals(201, reply.status(), reply::text);
        assertTrue(reply.at("/metadata/name").matches("g-[bcdfghjklmnpqrstvwxz2456789]{5}"));
      }
    });
    assertEquals(THREADS * 20, scene.names(Scene.CONFIG_MAPS).size());
  }
}
