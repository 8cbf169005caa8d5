package dev.otherix.apimachinery.informer;

import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A local copy of a collection, kept up to date by one virtual thread. Thread-safe. Its trees are
/// shared, with readers and with each other, and throw when they are changed; `deepCopy` makes one
/// that can be.
///
/// The copy lags behind the server, but never goes back, and never skips the last state of an
/// object. What is missing in it may exist on the server: see [#awaitRevision].
public final class Informer implements AutoCloseable {
  private final ResourceClient client;
  private final ObjectStore store;
  private final Follower follower;
  private final boolean threads;
  private final Revisions revisions = new Revisions();
  private final CountDownLatch synced = new CountDownLatch(1);

  /// Guards `deliveries`, and makes a change of the store and its announcement one step.
  private final ReentrantLock lock = new ReentrantLock();

  private final List<Delivery> deliveries = new ArrayList<>();
  private final List<Gap.Listener> gapListeners = new CopyOnWriteArrayList<>();
  private @Nullable Thread thread;
  private boolean closed;

  /// Does nothing before [#start].
  public Informer(ResourceClient client, InformerOptions options) {
    this(client, options, true);
  }

  private Informer(ResourceClient client, InformerOptions options, boolean threads) {
    this.threads = threads;
    this.client = client;
    this.store = new ObjectStore(options.indexes());
    this.follower = new Follower(client, options, this);
  }

  /// One without threads, for a simulation: it follows in [#advance] and tells in [#tell], and both
  /// belong to one thread.
  public static Informer byHand(ResourceClient client, InformerOptions options) {
    return new Informer(client, options, false);
  }

  /// By hand: opens the stream, or takes what it brings next.
  public void advance() throws InterruptedException {
    requireByHand();
    follower.step();
  }

  /// By hand: tells every handler the next change that it has yet to hear.
  ///
  /// @return whether there was one
  public boolean tell() {
    requireByHand();
    boolean told = false;
    for (Delivery each : List.copyOf(deliveries)) {
      told |= each.tellNext();
    }
    return told;
  }

  private void requireByHand() {
    if (threads) {
      throw new IllegalStateException("the informer of " + resource() + " has threads for that");
    }
  }

  public GroupVersionResource resource() {
    return client.resource();
  }

  /// Begins to follow. A second call does nothing.
  public void start() {
    lock.lock();
    try {
      if (threads && thread == null && !closed) {
        thread = Thread.ofVirtual().name("informer-" + resource()).start(follower::run);
      }
    } finally {
      lock.unlock();
    }
  }

  /// From now on `handler` hears of changes; what is there already it hears of first.
  public void addHandler(String name, InformerHandler handler) {
    addHandler(name, handler, Duration.ZERO);
  }

  /// The same, and every `resync` it hears of everything again, as changes from a tree to the very
  /// same tree. Zero for never.
  public void addHandler(String name, InformerHandler handler, Duration resync) {
    if (!threads && resync.isPositive()) {
      throw new IllegalStateException("an informer by hand has no time of its own for a resync");
    }
    Delivery delivery =
        new Delivery(name + "-" + resource().groupResource(), handler, resync, this::repeat);
    lock.lock();
    try {
      if (closed) {
        return;
      }
      for (ObjectNode object : store.all()) {
        delivery.offer(ResourceClient.keyOf(object), null, object);
      }
      deliveries.add(delivery);
      if (threads) {
        delivery.start();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Under the lock, so that nothing that is just going is told as being there.
  private void repeat(Delivery delivery) {
    lock.lock();
    try {
      for (ObjectNode object : closed ? List.<ObjectNode>of() : store.all()) {
        delivery.offer(ResourceClient.keyOf(object), object, object);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Handlers hear what changed over a gap, but not of what came and went within it. This is for
  /// those who wrote meanwhile, and know what to look for.
  public void addGapListener(Gap.Listener listener) {
    gapListeners.add(listener);
  }

  public Optional<ObjectNode> get(ObjectKey key) {
    return Optional.ofNullable(store.get(key));
  }

  public List<ObjectNode> all() {
    return store.all();
  }

  /// @param index one that the options name
  public List<ObjectNode> byIndex(String index, String value) {
    return store.byIndex(index, value);
  }

  /// Whether it has read the whole collection once.
  public boolean isSynced() {
    return synced.getCount() == 0;
  }

  /// Whether it did in that time.
  public boolean awaitSynced(Duration atMost) throws InterruptedException {
    return synced.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// Waits until the copy holds what was written at this resourceVersion.
  ///
  /// @return whether it did in that time
  public boolean awaitRevision(String resourceVersion, Duration atMost)
      throws InterruptedException {
    return revisions.await(resourceVersion, atMost);
  }

  /// Whether the copy holds what was written at this resourceVersion.
  public boolean hasReached(String resourceVersion) {
    String reached = revisions.reached();
    return !reached.isEmpty() && Revisions.compare(reached, resourceVersion) >= 0;
  }

  /// Up to where it has followed; empty before it is synced.
  public String revision() {
    return revisions.reached();
  }

  /// How often it has read everything.
  public long loads() {
    return follower.loads();
  }

  public InformerStats stats() {
    return follower.stats(store.size());
  }

  /// The whole collection at a revision: what is not in it is gone, also when nobody said so.
  ///
  /// @param found belongs to the informer from now on
  void replace(Map<ObjectKey, ObjectNode> found, String revision) {
    lock.lock();
    try {
      if (store.adopt(found)) {
        for (Delivery each : deliveries) {
          found.forEach((key, object) -> each.offer(key, null, object));
        }
      } else {
        replaceAll(found);
      }
    } finally {
      lock.unlock();
    }
    String before = revisions.reached();
    revisions.reach(revision);
    synced.countDown();
    if (!before.isEmpty()) {
      Gap gap = new Gap(before, revision);
      gapListeners.forEach(each -> each.missed(gap));
    }
  }

  private void replaceAll(Map<ObjectKey, ObjectNode> found) {
    Set<ObjectKey> before = store.keys();
    for (ObjectKey key : before) {
      if (!found.containsKey(key)) {
        change(key, null);
      }
    }
    found.forEach(this::change);
  }

  /// @param object null when it is gone
  void apply(ObjectKey key, @Nullable ObjectNode object, String revision) {
    lock.lock();
    try {
      change(key, object);
    } finally {
      lock.unlock();
    }
    revisions.reach(revision);
  }

  void reached(String revision) {
    revisions.reach(revision);
  }

  private void change(ObjectKey key, @Nullable ObjectNode object) {
    ObjectNode before = store.put(key, object);
    if (before == null && object == null) {
      return;
    }
    if (before != null && object != null && version(before).equals(version(object))) {
      return;
    }
    for (Delivery each : deliveries) {
      each.offer(key, before, object);
    }
  }

  private static String version(ObjectNode object) {
    return object.path("metadata").path("resourceVersion").asString("");
  }

  /// Stops following and telling. What it knows stays readable.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (thread != null) {
        thread.interrupt();
      } else if (!threads) {
        follower.leave();
      }
      deliveries.forEach(Delivery::close);
      deliveries.clear();
    } finally {
      lock.unlock();
    }
  }
}
