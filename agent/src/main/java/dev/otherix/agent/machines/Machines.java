package dev.otherix.agent.machines;

import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.agent.hypervisor.Power;
import dev.otherix.agent.state.MachineRecord;
import dev.otherix.apimachinery.object.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// All machines of a node: those that the server binds to it, and those that an earlier agent left
/// here, whether or not the server still knows them. Thread-safe; the lock guards the keepers.
public final class Machines implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Machines.class.getName());
  private static final Duration SYNC_ROUND = Duration.ofSeconds(5);
  private static final Duration FENCE_ROUND = Duration.ofSeconds(1);

  private final Shared shared;
  private final String node;
  private final Runnable changed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, MachineKeeper> keepers = new HashMap<>();
  private final Thread fencing;
  private boolean closed;

  private Machines(Shared shared, String node, Runnable changed) {
    this.shared = shared;
    this.node = node;
    this.changed = changed;
    this.fencing = Thread.ofVirtual().name("fencing").unstarted(this::fence);
  }

  /// Adopts what runs, and from then on follows the server.
  ///
  /// @param changed called when machines come or go
  public static Machines start(Shared shared, String node, Runnable changed) {
    Machines machines = new Machines(shared, node, changed);
    for (MachineRecord each : shared.records().load()) {
      machines.keep(each.uid(), each.name(), each);
    }
    ServerView server = shared.server();
    server.vmCopy().addHandler("machines", machines::vmChanged);
    server
        .portCopy()
        .addHandler("machines", (_, before, after) -> machines.wakeOwner(before, after));
    server.taskCopy().addHandler("machines", machines::taskChanged);
    server.snapshotCopy().addHandler("machines", machines::snapshotChanged);
    server.start();
    Thread.ofVirtual().name("machines-synced").start(machines::wakeWhenSynced);
    machines.fencing.start();
    return machines;
  }

  /// A machine as this node knows it.
  ///
  /// @param power null when that is not found out yet
  public record Known(String uid, String name, @Nullable Power power) {}

  public List<Known> known() {
    lock.lock();
    try {
      List<Known> all = new ArrayList<>();
      keepers.forEach((uid, each) -> {
        if (each.holdsMachine()) {
          all.add(new Known(uid, each.record().name(), each.knownPower()));
        }
      });
      return all;
    } finally {
      lock.unlock();
    }
  }

  /// The machine when it runs. Its calls that change it are its keeper's alone.
  public Optional<Machine> running(String uid) {
    lock.lock();
    try {
      MachineKeeper keeper = keepers.get(uid);
      return keeper == null ? Optional.empty() : Optional.ofNullable(keeper.machine());
    } finally {
      lock.unlock();
    }
  }

  private void wakeWhenSynced() {
    ServerView server = shared.server();
    try {
      while (!server.vmCopy().awaitSynced(SYNC_ROUND)
          || !server.portCopy().awaitSynced(SYNC_ROUND)
          || !server.taskCopy().awaitSynced(SYNC_ROUND)) {
        if (isClosed()) {
          return;
        }
      }
      wakeAll();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Stops what may not run any more, whatever its keeper waits for; for as long as it may not.
  private void fence() {
    Set<String> fenced = new HashSet<>();
    try {
      while (!isClosed()) {
        for (MachineKeeper each : present()) {
          fence(each, fenced);
        }
        shared.pause().await(FENCE_ROUND);
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "fencing stopped node={0}", node);
    }
  }

  /// Whatever goes wrong with one machine, the others' turns come.
  private void fence(MachineKeeper keeper, Set<String> fenced) throws InterruptedException {
    MachineRecord record = keeper.record();
    try {
      if (record.fencedAfterSeconds() != null && !shared.fence().isGuarded()) {
        keeper.wake();
      }
      if (!keeper.isAllowed()) {
        fenced.add(record.uid());
        keeper.fence();
      } else if (fenced.remove(record.uid())) {
        keeper.wake();
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "machine cannot be fenced vm=" + record.name(), e);
    }
  }

  private List<MachineKeeper> present() {
    lock.lock();
    try {
      return List.copyOf(keepers.values());
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /// Has every keeper look, for what concerns all, such as pools.
  public void wakeAll() {
    lock.lock();
    try {
      keepers.values().forEach(MachineKeeper::wake);
    } finally {
      lock.unlock();
    }
  }

  private void vmChanged(ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    if (after != null) {
      keep(uid(after), key.name(), null);
    }
    for (ObjectNode each : new ObjectNode[] {before, after}) {
      if (each != null) {
        wake(uid(each));
      }
    }
  }

  private void taskChanged(ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    if (after != null) {
      wake(after.at("/spec/resource/uid").asString(""));
    }
  }

  /// A snapshot may be of a machine that has left this node; its copy is here all the same.
  private void snapshotChanged(
      ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    ObjectNode snapshot = after == null ? before : after;
    if (snapshot != null) {
      String uid = snapshot.at("/spec/vmUID").asString("");
      if (after != null) {
        keep(uid, snapshot.at("/spec/vmName").asString(""), null);
      }
      wake(uid);
    }
  }

  private void wakeOwner(@Nullable ObjectNode before, @Nullable ObjectNode after) {
    ObjectNode port = after == null ? before : after;
    if (port != null) {
      port.at("/metadata/ownerReferences").forEach(owner -> wake(owner.path("uid").asString("")));
    }
  }

  private static String uid(ObjectNode object) {
    return object.path("metadata").path("uid").asString("");
  }

  private void keep(String uid, String name, @Nullable MachineRecord before) {
    lock.lock();
    try {
      if (closed || keepers.containsKey(uid)) {
        return;
      }
      MachineKeeper keeper =
          new MachineKeeper(shared, node, uid, name, before, changed, () -> forget(uid));
      keepers.put(uid, keeper);
      keeper.start();
    } finally {
      lock.unlock();
    }
    changed.run();
  }

  private void forget(String uid) {
    String name;
    lock.lock();
    try {
      MachineKeeper keeper = keepers.remove(uid);
      name = keeper == null ? "" : keeper.record().name();
    } finally {
      lock.unlock();
    }
    if (!shared.server().snapshotsOf(uid).isEmpty()) {
      keep(uid, name, null);
    }
    changed.run();
  }

  private void wake(String uid) {
    lock.lock();
    try {
      MachineKeeper keeper = keepers.get(uid);
      if (keeper != null) {
        keeper.wake();
      }
    } finally {
      lock.unlock();
    }
    changed.run();
  }

  /// Machines go on as they are.
  @Override
  public void close() {
    List<MachineKeeper> all;
    lock.lock();
    try {
      closed = true;
      all = List.copyOf(keepers.values());
      keepers.clear();
    } finally {
      lock.unlock();
    }
    fencing.interrupt();
    all.forEach(MachineKeeper::close);
    shared.server().close();
  }
}
