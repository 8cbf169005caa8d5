package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/// The controllers of a process and the informers that they share. A kind that is not served, or a
/// controller that fails, keeps no other one from working. Thread-safe; the lock guards every
/// field.
public final class ControllerHost implements AutoCloseable {
  private final ApiClient client;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<GroupVersionResource, Informer> informers = new LinkedHashMap<>();
  private final List<AutoCloseable> running = new ArrayList<>();
  private final List<Controller<?>> controllers = new ArrayList<>();

  /// @param client stays the caller's, who closes it
  public ControllerHost(ApiClient client, InstantSource clock, RandomGenerator random) {
    this.client = client.with(client.options().withWrites(OwnWrites.LISTENER));
    this.clock = clock;
    this.random = random;
  }

  /// What reconcilers use: the runtime hears of its writes.
  public ApiClient client() {
    return client;
  }

  public InstantSource clock() {
    return clock;
  }

  public RandomGenerator random() {
    return random;
  }

  /// The informer of all objects of a resource; one for all who ask.
  public Informer informer(GroupVersionResource resource) {
    lock.lock();
    try {
      return informers.computeIfAbsent(
          resource, _ -> new Informer(client.resource(resource), InformerOptions.ALL));
    } finally {
      lock.unlock();
    }
  }

  /// A controller of this host; configure it before [#start].
  public <K> Controller<K> controller(String name, Reconciler<K> reconciler, int workers) {
    Controller<K> controller = new Controller<>(name, reconciler, workers, clock, random);
    lock.lock();
    try {
      controllers.add(controller);
    } finally {
      lock.unlock();
    }
    return controller;
  }

  /// Something else that runs with the controllers and ends after them.
  public void alongside(AutoCloseable part) {
    lock.lock();
    try {
      running.add(part);
    } finally {
      lock.unlock();
    }
  }

  /// Starts what is there; waits for nothing.
  public void start() {
    lock.lock();
    try {
      informers.values().forEach(Informer::start);
      controllers.forEach(Controller::start);
    } finally {
      lock.unlock();
    }
  }

  public List<ControllerStats> stats() {
    lock.lock();
    try {
      List<ControllerStats> all = new ArrayList<>();
      controllers.forEach(each -> all.add(each.stats()));
      return all;
    } finally {
      lock.unlock();
    }
  }

  /// Whether every controller has read what it needs.
  public boolean isHealthy() {
    return stats().stream().allMatch(ControllerStats::synced);
  }

  /// Lets running reconciles end, for a while, and stops everything.
  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>();
    lock.lock();
    try {
      all.addAll(controllers);
      all.addAll(running);
      all.addAll(informers.values());
    } finally {
      lock.unlock();
    }
    RuntimeException failure = null;
    for (AutoCloseable each : all) {
      try {
        each.close();
      } catch (Exception e) {
        // The others are to be stopped all the same.
        IllegalStateException wrapped = new IllegalStateException("cannot stop " + each, e);
        if (failure == null) {
          failure = wrapped;
        } else {
          failure.addSuppressed(wrapped);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
