package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.WriteFence;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apimachinery.object.GroupVersionResource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The controllers of a process and the informers that they share. With an election, the informers
/// follow in every process, and the controllers work in the one that leads. A kind that is not
/// served, or a controller that fails, keeps no other one from working. Thread-safe; the lock
/// guards every field.
public final class ControllerHost implements AutoCloseable {
  private static final int ATTEMPTS_PER_RENEWAL = 3;

  private final ApiClient client;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<GroupVersionResource, Informer> informers = new LinkedHashMap<>();
  private final List<AutoCloseable> running = new ArrayList<>();
  private final List<Controller<?>> controllers = new ArrayList<>();
  private final ApiClient unfenced;
  private volatile @Nullable LeaderElection election;
  private @Nullable Campaign campaign;

  /// @param client stays the caller's, who closes it
  public ControllerHost(ApiClient client, InstantSource clock, RandomGenerator random) {
    this.unfenced = client;
    this.client =
        client.with(client.options().withWrites(OwnWrites.LISTENER).withFence(this::writeMax));
    this.clock = clock;
    this.random = random;
  }

  private Duration writeMax() {
    LeaderElection present = election;
    return present == null ? WriteFence.NONE.writeMax() : present.writeMax();
  }

  /// From [#start] on the controllers work only while this process leads; when it does no more,
  /// they are interrupted, and from that moment no write of [#client] begins. To be called before
  /// [#start].
  public ControllerHost withLeaderElection(Candidacy candidacy) {
    Duration attempt = candidacy.times().renew().dividedBy(ATTEMPTS_PER_RENEWAL);
    ApiClient impatient = unfenced.with(unfenced.options().withDeadline(attempt).withoutRetries());
    LeaderElection standing =
        new LeaderElection(
            impatient,
            candidacy.lease(),
            candidacy.identity(),
            candidacy.times(),
            clock,
            System::nanoTime);
    lock.lock();
    try {
      election = standing;
      campaign = new Campaign(standing, candidacy, new Led());
    } finally {
      lock.unlock();
    }
    return this;
  }

  /// The controllers, as the campaign sees them.
  private final class Led implements Campaign.Controllers {
    @Override
    public void begin() {
      controllers().forEach(Controller::start);
    }

    @Override
    public void end() throws InterruptedException {
      for (Controller<?> each : controllers()) {
        each.pause();
      }
    }
  }

  private List<Controller<?>> controllers() {
    lock.lock();
    try {
      return List.copyOf(controllers);
    } finally {
      lock.unlock();
    }
  }

  /// Whether this process leads; always without an election.
  public boolean leads() {
    LeaderElection present = election;
    return present == null || present.leadership().isPresent();
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
      if (campaign == null) {
        controllers.forEach(Controller::start);
      } else {
        campaign.start();
      }
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

  /// The metrics of the controllers, their queues and the shared informers, and who leads.
  public List<Family> families() {
    List<Informer> followed;
    lock.lock();
    try {
      followed = List.copyOf(informers.values());
    } finally {
      lock.unlock();
    }
    List<Family> all = new ArrayList<>(RuntimeFamilies.of(controllers(), followed));
    all.add(
        new Family(
            "leader_election_master_status",
            "1 where the controllers work.",
            Family.Type.GAUGE,
            List.of("name"),
            List.of(new Family.Point.Value(List.of("controllers"), leads() ? 1 : 0))));
    return all;
  }

  /// Whether every controller has read what it needs.
  public boolean isHealthy() {
    return stats().stream().allMatch(ControllerStats::synced);
  }

  /// Whether this controller can do its work, or has none because another process leads.
  ///
  /// @throws IllegalStateException when it has not read what it needs
  public void requireHealthy(String controller) {
    for (Controller<?> each : controllers()) {
      if (each.name().equals(controller) && !each.stats().synced()) {
        throw new IllegalStateException(controller + " has not read what it needs");
      }
    }
  }

  /// Lets running reconciles end, for a while, and stops everything.
  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>();
    lock.lock();
    try {
      all.addAll(controllers);
      if (campaign != null) {
        all.add(campaign);
      }
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
