package dev.otherix.controllers.tasks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.Manifests;
import dev.otherix.controllers.ShiftedClock;
import dev.otherix.controllers.TestCluster;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.schemas.Schemas;
import dev.otherix.schemas.v1.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

@Tag("slow")
final class TaskControllerTest {
  private final ShiftedClock clock = new ShiftedClock();
  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicInteger undone = new AtomicInteger();
  private volatile TaskExecutor.Step answer = new TaskExecutor.Done(Map.of("did", "it"));
  private TestCluster cluster;
  private TaskExecutor executor;
  private ResourceClient tasks;

  /// Looks when a test says so: the running controller's timers do not know that time has leapt.
  private TaskController byHand;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    cluster = new TestCluster(Schemas.kinds(), clock, null);
    tasks = cluster.client().resource(OtherixResources.TASKS);
    executor =
        new TaskExecutor() {
          @Override
          public Step run(Task task) {
            runs.incrementAndGet();
            return answer;
          }

          @Override
          public void cancelled(Task task) {
            undone.incrementAndGet();
          }
        };
    TaskController.addTo(cluster.host(), Map.of("test.work", executor));
    byHand = new TaskController(cluster.host(), Map.of());
    cluster.host().start();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private ObjectKey task(String spec) throws InterruptedException {
    ObjectNode made =
        tasks.create(
            Manifests.object(
                "Task", "t", "\"resource\": {\"kind\": \"VM\", \"name\": \"a\"}, " + spec));
    return ResourceClient.keyOf(made);
  }

  private ObjectNode awaitPhase(ObjectKey key, String phase) throws InterruptedException {
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> tasks.get(key).at("/status/phase").asString("").equals(phase));
    return tasks.get(key);
  }

  @Test
  void run_thatSucceeds_isRunOnceAndStaysAsItIs() throws Exception {
    ObjectNode ended = awaitPhase(task("\"type\": \"test.work\""), "success");
    assertEquals("it", ended.at("/status/result/did").asString());
    assertEquals(1, ended.at("/status/attempts").asInt());
    assertTrue(ended.path("status").has("finishedAt"));
    new TaskActions(cluster.client()).cancel("t");
    tasks.mergePatch(
        OtherixResources.key("t"), "", Manifests.object("Task", "t", "\"cancelRequested\": true"));
    assertEquals(1, runs.get());
    assertEquals("success", tasks.get(OtherixResources.key("t")).at("/status/phase").asString());
    assertEquals(0, undone.get());
  }

  @Test
  void run_thatKeepsFailing_isTriedAgainAndThenIsADeadLetter() throws Exception {
    answer = new TaskExecutor.Failed("broken", "it is broken", true, Map.of());
    ObjectNode ended = awaitPhase(task("\"type\": \"test.work\", \"maxAttempts\": 2"), "failed");
    assertEquals(2, ended.at("/status/attempts").asInt());
    assertEquals("broken", ended.at("/status/error/code").asString());
    assertEquals(1, undone.get());
    assertFalse(ended.path("status").has("nextAttemptAt"));
  }

  @Test
  void progress_isTold_andNeverGoesBack() throws Exception {
    answer = new TaskExecutor.Later(Duration.ofMillis(1), 40);
    ObjectKey key = task("\"type\": \"test.work\"");
    awaitProgress(key, 40);
    answer = new TaskExecutor.Later(Duration.ofMillis(1), 10);
    int before = runs.get();
    await().atMost(TestCluster.PATIENCE).until(() -> runs.get() > before + 2);
    assertEquals(40, tasks.get(key).at("/status/progress").asInt());
    answer = new TaskExecutor.Later(Duration.ofMillis(1), 60);
    awaitProgress(key, 60);
    answer = new TaskExecutor.Done(Map.of());
    assertEquals(100, awaitPhase(key, "success").at("/status/progress").asInt());
  }

  private void awaitProgress(ObjectKey key, int percent) {
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> tasks.get(key).at("/status/progress").asInt(0) == percent);
  }

  @Test
  void cancel_whatRuns_undoesItAndEnds() throws Exception {
    answer = new TaskExecutor.Later(Duration.ofHours(1), 0);
    ObjectKey key = task("\"type\": \"test.work\"");
    awaitPhase(key, "running");
    new TaskActions(cluster.client()).cancel("t");
    awaitPhase(key, "cancelled");
    assertEquals(1, undone.get());
  }

  @Test
  void run_controlPlaneEndsMeanwhile_isGoneOnWithByTheNext() throws Exception {
    answer = new TaskExecutor.Later(Duration.ofHours(1), 0);
    ObjectKey key = task("\"type\": \"test.work\"");
    awaitPhase(key, "running");
    cluster.host().close();
    int before = runs.get();
    answer = new TaskExecutor.Done(Map.of());
    try (ControllerHost next = new ControllerHost(cluster.client(), clock, new Random(1))) {
      TaskController.addTo(next, Map.of("test.work", executor));
      next.start();
      ObjectNode ended = awaitPhase(key, "success");
      assertEquals(1, ended.at("/status/attempts").asInt());
      assertEquals(before + 1, runs.get());
    }
  }

  @Test
  void agentsTask_whoseNodeOrMachineIsNoMore_fails() throws Exception {
    ObjectNode ended = awaitPhase(task("\"type\": \"vm.reboot\", \"nodeName\": \"n9\""), "failed");
    assertEquals("not_possible", ended.at("/status/error/code").asString());
  }

  @Test
  void agentsTask_thatNobodyBegan_isCancelledHere() throws Exception {
    cluster.client().resource(OtherixResources.NODES).create(Manifests.node("n1"));
    ObjectNode vm = cluster.client().resource(OtherixResources.VMS).create(Manifests.vm("a", ""));
    ObjectNode made = new TaskOrder(cluster.client(), clock).place("vm.reboot", vm, "n1", "ada");
    new TaskActions(cluster.client()).cancel(ResourceClient.keyOf(made).name());
    awaitPhase(ResourceClient.keyOf(made), "cancelled");
  }

  @Test
  void task_ofAnUnknownType_failsAndSaysSo() throws Exception {
    ObjectNode ended = awaitPhase(task("\"type\": \"moon.fly\""), "failed");
    assertEquals("unknown_type", ended.at("/status/error/code").asString());
  }

  @Test
  void task_thatEndedLongAgo_isRemoved() throws Exception {
    ObjectKey key = task("\"type\": \"test.work\"");
    awaitPhase(key, "success");
    clock.advance(Duration.ofDays(6));
    await().atMost(TestCluster.PATIENCE).until(() -> byHand.reconcile(key) instanceof Result.After);
    assertTrue(tasks.find(key).isPresent());
    clock.advance(Duration.ofDays(2));
    assertEquals(Result.DONE, byHand.reconcile(key));
    assertTrue(tasks.find(key).isEmpty());
    assertThrows(ApiException.class, () -> new TaskActions(cluster.client()).cancel("t"));
  }

  @Test
  void backoff_doublesUpToFiveMinutes() {
    assertEquals(Duration.ofSeconds(1), TaskController.backoff(1));
    assertEquals(Duration.ofSeconds(8), TaskController.backoff(4));
    assertEquals(Duration.ofMinutes(5), TaskController.backoff(10));
    assertEquals(Duration.ofMinutes(5), TaskController.backoff(1000));
  }
}
