package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.Backoff;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerHandler;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.controllers.runtime.ControllerMeter.Outcome;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Turns changes into keys, and has workers reconcile them. Configure it, then [#start] it. A key
/// whose reconcile fails, however, waits by itself and keeps no other key from its turn.
public final class Controller<K> implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Controller.class.getName());

  /// How long a key waits for the informers to see the last write for it.
  private static final Duration CATCH_UP_MAX = Duration.ofSeconds(5);

  private static final Duration STEP_CATCH_UP = Duration.ofMillis(20);
  private static final Duration SYNC_ROUND = Duration.ofSeconds(10);
  private static final Duration STOP_MAX = Duration.ofSeconds(10);
  private static final Duration RETRY_FIRST = Duration.ofMillis(50);
  private static final Duration RETRY_MAX = Duration.ofMinutes(5);

  private final String name;
  private final Reconciler<K> reconciler;
  private final WorkQueue<K> queue;
  private final OwnWrites<K> writes = new OwnWrites<>();
  private final List<Informer> informers = new CopyOnWriteArrayList<>();
  private final List<Thread> workers = new ArrayList<>();
  private final int workersMax;
  private volatile boolean paused;
  private Duration resync = Duration.ZERO;
  private @Nullable Thread starter;
  private final ControllerMeter meter = new ControllerMeter();

  public Controller(
      String name,
      Reconciler<K> reconciler,
      int workers,
      InstantSource clock,
      RandomGenerator random) {
    this.name = name;
    this.reconciler = reconciler;
    this.workersMax = workers;
    this.queue = new WorkQueue<>(clock, new Backoff(RETRY_FIRST, RETRY_MAX, random));
  }

  public String name() {
    return name;
  }

  int workersMax() {
    return workersMax;
  }

  ControllerMeter meter() {
    return meter;
  }

  /// For keys that come from elsewhere.
  public WorkQueue<K> queue() {
    return queue;
  }

  /// From here on, what is followed brings all its keys again each time this has passed, behind the
  /// keys of fresh changes: for reconcilers that look at things that nobody announces.
  public Controller<K> resyncs(Duration every) {
    resync = every;
    return this;
  }

  /// Every change of these objects brings the keys that `mapping` has for the state before and for
  /// the one after.
  public Controller<K> maps(Informer informer, Function<ObjectNode, Collection<K>> mapping) {
    return handles(
        informer,
        (_, before, after) -> {
          WorkQueue.Priority priority = priority(before, after);
          if (before != null) {
            mapping.apply(before).forEach(each -> queue.add(each, priority));
          }
          if (after != null && priority == WorkQueue.Priority.FRESH) {
            mapping.apply(after).forEach(each -> queue.add(each, priority));
          }
        });
  }

  @SuppressWarnings("ReferenceEquality") // the contract of a resync: the very same tree
  private static WorkQueue.Priority priority(
      @Nullable ObjectNode before, @Nullable ObjectNode after) {
    return before == after ? WorkQueue.Priority.ROUTINE : WorkQueue.Priority.FRESH;
  }

  /// For controllers that keep a picture of their own; the handler adds to [#queue].
  public Controller<K> handles(Informer informer, InformerHandler handler) {
    informers.add(informer);
    informer.addHandler(name, handler, resync);
    informer.addGapListener(gap -> writes.within(informer.resource(), gap).forEach(queue::add));
    return this;
  }

  /// A controller of objects, by their keys.
  ///
  /// @param relevant of the states before and after, of which one may be null: whether the change
  ///   matters
  public static Controller<ObjectKey> watching(
      Controller<ObjectKey> controller,
      Informer informer,
      BiPredicate<@Nullable ObjectNode, @Nullable ObjectNode> relevant) {
    return controller.handles(
        informer,
        (key, before, after) -> {
          if (relevant.test(before, after)) {
            controller.queue().add(key, priority(before, after));
          }
        });
  }

  /// The owners of this kind, as a mapping for [#maps]: for children that a controller made.
  public static Function<ObjectNode, Collection<ObjectKey>> owners(String apiVersion, String kind) {
    return child -> {
      JsonNode metadata = child.path("metadata");
      List<ObjectKey> keys = new ArrayList<>();
      for (JsonNode owner : metadata.path("ownerReferences")) {
        if (owner.path("kind").asString("").equals(kind)
            && owner.path("apiVersion").asString("").equals(apiVersion)) {
          keys.add(
              new ObjectKey(
                  metadata.path("namespace").asString(""), owner.path("name").asString("")));
        }
      }
      return keys;
    };
  }

  /// Begins to work once the informers have read everything; again after a [#pause].
  public void start() {
    synchronized (workers) {
      paused = false;
      starter = Thread.ofVirtual().name(name + "-start").start(this::awaitThenWork);
    }
  }

  private void awaitThenWork() {
    try {
      for (Informer informer : informers) {
        while (!informer.awaitSynced(SYNC_ROUND)) {
          LOG.log(
              System.Logger.Level.WARNING,
              "controller waits name={0} resource={1}",
              name,
              informer.resource());
        }
      }
      synchronized (workers) {
        if (paused || Thread.currentThread().isInterrupted()) {
          return;
        }
        for (int i = 0; i < workersMax; i++) {
          workers.add(Thread.ofVirtual().name(name + "-" + i).start(this::work));
        }
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "controller stopped before it was synced name={0}", name);
    }
  }

  private void work() {
    try {
      while (!paused) {
        K key = queue.take();
        if (key == null) {
          return;
        }
        try {
          awaitWritesThenReconcile(key);
        } catch (InterruptedException e) {
          // Whoever works next brings it to its end.
          queue.add(key);
          throw e;
        } finally {
          queue.done(key);
        }
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "worker stopped name={0}", name);
    }
  }

  /// Reconciles one key on this thread, for a simulation: instead of [#start], together with
  /// informers by hand. A key whose writes the informers have not seen comes again a little later.
  ///
  /// @return whether there was one
  public boolean step() throws InterruptedException {
    if (!informers.stream().allMatch(Informer::isSynced)) {
      return false;
    }
    K key = queue.poll();
    if (key == null) {
      return false;
    }
    try {
      if (writes.seen(key, informers)) {
        reconcile(key);
      } else {
        queue.addAfter(key, STEP_CATCH_UP);
      }
    } finally {
      queue.done(key);
    }
    return true;
  }

  private void awaitWritesThenReconcile(K key) throws InterruptedException {
    if (!writes.await(key, informers, CATCH_UP_MAX)) {
      meter.lookedStale();
    }
    reconcile(key);
  }

  private void reconcile(K key) throws InterruptedException {
    long begin = System.nanoTime();
    long loads = loads();
    meter.began();
    try {
      Result result = writes.reconcile(reconciler, key);
      if (writes.any(key) && loads() != loads) {
        // What it made may have gone within a gap of an informer, of which nobody tells.
        queue.add(key);
      }
      meter.count(Outcome.of(result));
      switch (result) {
        case Result.Done _ -> queue.forget(key);
        case Result.After(Duration time) -> {
          queue.forget(key);
          queue.addAfter(key, time);
        }
        case Result.Again _ -> queue.retry(key);
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      failed(key, e);
    } catch (LinkageError | StackOverflowError | AssertionError e) {
      meter.panicked();
      failed(key, e);
    } finally {
      meter.ended(System.nanoTime() - begin);
    }
  }

  private long loads() {
    long loads = 0;
    for (Informer each : informers) {
      loads += each.loads();
    }
    return loads;
  }

  private void failed(K key, Throwable e) {
    meter.count(Outcome.ERROR);
    Duration wait = queue.retry(key);
    LOG.log(
        System.Logger.Level.WARNING,
        "reconcile failed controller=" + name + " key=" + key + " retry=" + wait + ": " + e);
    LOG.log(System.Logger.Level.DEBUG, "why", e);
  }

  public ControllerStats stats() {
    return new ControllerStats(
        name,
        informers.stream().allMatch(Informer::isSynced),
        queue.size(),
        meter.successes(),
        meter.of(Outcome.ERROR),
        meter.staleLooks());
  }

  /// Interrupts what runs, and returns when nothing does any more. Keys still come and wait, and
  /// what was interrupted is among them.
  public void pause() throws InterruptedException {
    List<Thread> all = new ArrayList<>();
    synchronized (workers) {
      paused = true;
      if (starter != null) {
        starter.interrupt();
        all.add(starter);
      }
      all.addAll(workers);
      workers.clear();
    }
    all.forEach(Thread::interrupt);
    for (Thread each : all) {
      while (!each.join(STOP_MAX)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "worker does not stop controller={0} thread={1}",
            name,
            each.getName());
        each.interrupt();
      }
    }
  }

  /// Lets what runs end, for a while, and stops.
  @Override
  public void close() {
    queue.shutDown();
    List<Thread> all;
    synchronized (workers) {
      if (starter != null) {
        starter.interrupt();
      }
      all = List.copyOf(workers);
    }
    boolean interrupted = false;
    for (Thread each : all) {
      try {
        if (interrupted || !each.join(STOP_MAX)) {
          each.interrupt();
        }
      } catch (InterruptedException _) {
        interrupted = true;
        each.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
