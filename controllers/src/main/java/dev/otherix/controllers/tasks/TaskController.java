package dev.otherix.controllers.tasks;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.DeleteOptions;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.object.Records;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.controllers.cluster.OtherixResources;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.EventRecorder;
import dev.otherix.controllers.runtime.LivePatch;
import dev.otherix.controllers.runtime.Reconciler;
import dev.otherix.controllers.runtime.Result;
import dev.otherix.schemas.v1.Task;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Carries out the control plane's own tasks, ends those that nobody can carry out any more, and
/// removes old ones. A task that has ended is never touched again but for its removal.
public final class TaskController implements Reconciler<ObjectKey> {
  private static final System.Logger LOG = System.getLogger(TaskController.class.getName());
  private static final int WORKERS = 4;
  private static final Duration KEEP_SUCCESS = Duration.ofDays(7);
  private static final Duration KEEP_FAILURE = Duration.ofDays(30);
  private static final Duration BACKOFF_FIRST = Duration.ofSeconds(1);
  private static final Duration BACKOFF_MAX = Duration.ofMinutes(5);

  private static final Set<String> OVER = Set.of("success", "failed", "cancelled");

  /// Those whose end was seen and not told yet.
  private final Set<ObjectKey> untold = ConcurrentHashMap.newKeySet();

  private final ResourceClient client;
  private final ResourceClient vms;
  private final ResourceClient nodes;
  private final Informer tasks;
  private final Map<String, TaskExecutor> executors;
  private final EventRecorder events;
  private final InstantSource clock;

  TaskController(ControllerHost host, Map<String, TaskExecutor> executors) {
    this.client = host.client().resource(OtherixResources.TASKS);
    this.vms = host.client().resource(OtherixResources.VMS);
    this.nodes = host.client().resource(OtherixResources.NODES);
    this.tasks = host.informer(OtherixResources.TASKS);
    this.executors = Map.copyOf(executors);
    this.events = new EventRecorder(host.client(), "otherix-tasks", host.clock());
    this.clock = host.clock();
  }

  /// Adds it to a host that is not started yet.
  ///
  /// @param executors by type; tasks of other types are carried out by the agent of their node
  public static void addTo(ControllerHost host, Map<String, TaskExecutor> executors) {
    TaskController reconciler = new TaskController(host, executors);
    Controller<ObjectKey> controller = host.controller("tasks", reconciler, WORKERS);
    controller
        .handles(
            reconciler.tasks,
            (key, before, after) -> {
              if (before != null && after != null && isOver(after) && !isOver(before)) {
                reconciler.untold.add(key);
              }
              controller.queue().add(key);
            })
        .handles(
            host.informer(OtherixResources.NODES),
            (key, _, after) -> {
              if (after == null) {
                reconciler.of("Node", key.name(), controller);
              }
            })
        .handles(
            host.informer(OtherixResources.VMS),
            (key, _, after) -> {
              if (after == null) {
                reconciler.of("VM", key.name(), controller);
              }
            });
  }

  /// Tasks about or for an object that is gone.
  private void of(String kind, String name, Controller<ObjectKey> controller) {
    for (ObjectNode each : tasks.all()) {
      boolean about =
          each.at("/spec/resource/kind").asString("").equals(kind)
              && each.at("/spec/resource/name").asString("").equals(name);
      boolean by = kind.equals("Node") && each.at("/spec/nodeName").asString("").equals(name);
      if (about || by) {
        controller.queue().add(ResourceClient.keyOf(each));
      }
    }
  }

  @Override
  public Result reconcile(ObjectKey key) throws InterruptedException {
    Optional<ObjectNode> found = tasks.get(key);
    if (found.isEmpty()) {
      untold.remove(key);
      return Result.DONE;
    }
    ObjectNode object = found.get();
    Task task = Records.read(object, Task.class);
    if (isTerminal(task)) {
      if (untold.remove(key)) {
        tell(object, task);
      }
      return removeWhenOld(key, task);
    }
    TaskExecutor executor = executors.get(task.spec().type());
    if (executor != null) {
      return step(object, task, executor);
    }
    if (task.spec().nodeName() == null) {
      return withoutNode(object, task);
    }
    String impossible = impossible(task);
    if (!impossible.isEmpty()) {
      end(object, TaskStatus.failed("not_possible", impossible, Map.of(), now()));
    } else if (task.spec().cancelRequested() && phase(task) == Task.Phase.PENDING) {
      end(object, TaskStatus.cancelled(now()));
    }
    return Result.DONE;
  }

  private Result step(ObjectNode object, Task task, TaskExecutor executor)
      throws InterruptedException {
    if (task.spec().cancelRequested()) {
      executor.cancelled(task);
      end(object, TaskStatus.cancelled(now()));
      return Result.DONE;
    }
    Duration wait = untilNextAttempt(task);
    if (wait != null) {
      return Result.after(wait);
    }
    if (phase(task) == Task.Phase.PENDING) {
      int attempt = attempts(task) + 1;
      Optional<ObjectNode> started =
          LivePatch.write(
              client,
              object,
              "status",
              state -> open(state, TaskStatus.running(attempt, now(), state)));
      if (started.isEmpty()) {
        return Result.DONE;
      }
      return step(started.get(), Records.read(started.get(), Task.class), executor);
    }
    TaskExecutor.Step step;
    try {
      step = executor.run(task);
    } catch (ApiException | ConnectionException e) {
      String message = String.valueOf(e.getMessage());
      step = new TaskExecutor.Failed("attempt_failed", message, true, Map.of());
    }
    return switch (step) {
      case TaskExecutor.Later(Duration time, int percent) -> {
        tellProgress(object, percent);
        yield Result.after(time);
      }
      case TaskExecutor.Done(Map<String, String> result) -> {
        end(object, TaskStatus.success(result, now()));
        yield Result.DONE;
      }
      case TaskExecutor.Failed failed -> failed(object, task, failed, executor);
    };
  }

  private void tellProgress(ObjectNode object, int percent) throws InterruptedException {
    if (TaskStatus.progress(percent, object).isPresent()) {
      LivePatch.write(
          client,
          object,
          "status",
          state -> TaskStatus.progress(percent, state).flatMap(patch -> open(state, patch)));
    }
  }

  private Result failed(
      ObjectNode object, Task task, TaskExecutor.Failed failed, TaskExecutor executor)
      throws InterruptedException {
    int attempts = attempts(task);
    if (failed.mayRetry() && attempts < task.spec().maxAttempts()) {
      Duration wait = backoff(attempts);
      LivePatch.write(
          client,
          object,
          "status",
          state ->
              open(
                  state,
                  TaskStatus.again(failed.code(), failed.message(), clock.instant().plus(wait))));
      return Result.after(wait);
    }
    if (failed.mayRetry()) {
      // Nobody goes on with it: what it holds must not stay.
      executor.cancelled(task);
    }
    end(object, TaskStatus.failed(failed.code(), failed.message(), failed.result(), now()));
    return Result.DONE;
  }

  static Duration backoff(int attempts) {
    int doublings = Math.min(Math.max(0, attempts - 1), 20);
    Duration wait = BACKOFF_FIRST.multipliedBy(1L << doublings);
    return wait.compareTo(BACKOFF_MAX) > 0 ? BACKOFF_MAX : wait;
  }

  /// A machine that is on no node takes its new power state along when it is placed.
  private Result withoutNode(ObjectNode object, Task task) throws InterruptedException {
    end(
        object,
        task.spec().type().startsWith("vm.")
            ? TaskStatus.success(Map.of(), now())
            : TaskStatus.failed(
                "unknown_type",
                "nobody carries out tasks of type " + task.spec().type(),
                Map.of(),
                now()));
    return Result.DONE;
  }

  /// Why no agent will ever carry it out; empty when one may.
  private String impossible(Task task) throws InterruptedException {
    String node = String.valueOf(task.spec().nodeName());
    if (nodes.find(OtherixResources.key(node)).isEmpty()) {
      return "node " + node + " is no more";
    }
    Task.Resource about = task.spec().resource();
    if (!about.kind().equals("VM")) {
      return "";
    }
    Optional<ObjectNode> vm = vms.find(OtherixResources.key(about.name()));
    boolean same =
        vm.isPresent()
            && (about.uid() == null
                || vm.get().at("/metadata/uid").asString("").equals(about.uid()));
    return same ? "" : "machine " + about.name() + " is no more";
  }

  private void end(ObjectNode object, ObjectNode status) throws InterruptedException {
    Optional<ObjectNode> after =
        LivePatch.write(client, object, "status", state -> open(state, status.deepCopy()));
    String phase = status.at("/status/phase").asString("");
    LOG.log(
        System.Logger.Level.INFO,
        "task ended task={0} type={1} phase={2}",
        ResourceClient.keyOf(object).name(),
        object.at("/spec/type").asString(""),
        phase);
    if (after.isPresent() && phase.equals("failed")) {
      events.warning(object, "TaskFailed", status.at("/status/error/message").asString(""));
    }
  }

  /// How it ended, at the object that it is about; a task of an object that is no more tells
  /// nobody.
  private void tell(ObjectNode object, Task task) throws InterruptedException {
    Task.Resource about = task.spec().resource();
    if (about.uid() == null) {
      return;
    }
    ObjectNode target = JsonNodeFactory.instance.objectNode();
    target.put("apiVersion", OtherixResources.API_VERSION).put("kind", about.kind());
    target.putObject("metadata").put("name", about.name()).put("uid", about.uid());
    String what = task.spec().type() + ", task " + ResourceClient.keyOf(object).name();
    switch (phase(task)) {
      case SUCCESS -> events.normal(target, "TaskSucceeded", what);
      case CANCELLED -> events.normal(target, "TaskCancelled", what);
      case FAILED ->
          events.warning(
              target,
              "TaskFailed",
              what + ": " + object.at("/status/error/message").asString("no reason given"));
      case PENDING, RUNNING -> throw new IllegalStateException("a task that goes on has not ended");
    }
  }

  private static boolean isOver(ObjectNode task) {
    return OVER.contains(task.at("/status/phase").asString(""));
  }

  /// What has ended stays as it is.
  private static Optional<ObjectNode> open(ObjectNode state, ObjectNode patch) {
    return isTerminal(Records.read(state, Task.class)) ? Optional.empty() : Optional.of(patch);
  }

  private Result removeWhenOld(ObjectKey key, Task task) throws InterruptedException {
    Time finished = task.status() == null ? null : task.status().finishedAt();
    Time made = task.metadata().creationTimestamp();
    Time from = finished == null ? made : finished;
    if (from == null) {
      return Result.DONE;
    }
    Duration keep = phase(task) == Task.Phase.SUCCESS ? KEEP_SUCCESS : KEEP_FAILURE;
    Duration left = Duration.between(clock.instant(), from.instant().plus(keep));
    if (left.isPositive()) {
      return Result.after(left);
    }
    try {
      client.delete(key, DeleteOptions.DEFAULT);
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
    return Result.DONE;
  }

  private @Nullable Duration untilNextAttempt(Task task) {
    Time next = task.status() == null ? null : task.status().nextAttemptAt();
    if (next == null || phase(task) != Task.Phase.PENDING) {
      return null;
    }
    Duration left = Duration.between(clock.instant(), next.instant());
    return left.isPositive() ? left : null;
  }

  private Instant now() {
    return clock.instant();
  }

  private static int attempts(Task task) {
    Integer attempts = task.status() == null ? null : task.status().attempts();
    return attempts == null ? 0 : attempts;
  }

  private static Task.Phase phase(Task task) {
    Task.Phase phase = task.status() == null ? null : task.status().phase();
    return phase == null ? Task.Phase.PENDING : phase;
  }

  private static boolean isTerminal(Task task) {
    return switch (phase(task)) {
      case PENDING, RUNNING -> false;
      case SUCCESS, FAILED, CANCELLED -> true;
    };
  }
}
