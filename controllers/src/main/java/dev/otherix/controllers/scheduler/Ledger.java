package dev.otherix.controllers.scheduler;

import dev.otherix.controllers.cluster.Settings;
import dev.otherix.schemas.v1.Node;
import dev.otherix.schemas.v1.StoragePool;
import dev.otherix.schemas.v1.VM;
import dev.otherix.schemas.v1.VMSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The nodes of the cluster with what was promised on each, up to the last decision: a machine
/// counts from the moment it is placed, whether or not its binding has come back from the server.
/// Thread-safe; the lock guards every field, so that decisions are made one after the other.
final class Ledger {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Node> nodes = new HashMap<>();
  private final Map<String, StoragePool> pools = new HashMap<>();
  private final Set<String> networks = new HashSet<>();

  /// The nodes of the snapshots that are ready, by uid.
  private final Map<String, String> sources = new HashMap<>();

  private final Map<String, Map<String, Load.Claim>> claims = new HashMap<>();
  private final Map<String, String> nodeOfClaim = new HashMap<>();
  private final Set<String> assumed = new HashSet<>();
  private final Map<String, Candidate> candidates = new HashMap<>();
  private final Set<String> outdated = new LinkedHashSet<>();
  private Settings settings = Settings.DEFAULT;

  void setSettings(Settings present) {
    locked(() -> settings = present);
  }

  void setNode(String name, @Nullable Node node) {
    locked(() -> {
      if (node == null) {
        nodes.remove(name);
      } else {
        nodes.put(name, node);
      }
      outdated.add(name);
    });
  }

  void setPool(String name, @Nullable StoragePool pool) {
    locked(() -> {
      StoragePool before = pool == null ? pools.remove(name) : pools.put(name, pool);
      markInstances(before);
      markInstances(pool);
    });
  }

  private void markInstances(@Nullable StoragePool pool) {
    StoragePool.Status status = pool == null ? null : pool.status();
    if (status != null) {
      status.instances().forEach(each -> outdated.add(each.nodeName()));
    }
  }

  void setNetwork(String name, boolean exists) {
    locked(() -> {
      if (exists) {
        networks.add(name);
      } else {
        networks.remove(name);
      }
    });
  }

  void setSnapshot(String uid, @Nullable VMSnapshot snapshot) {
    VMSnapshot.Status status = snapshot == null ? null : snapshot.status();
    String node = status == null ? null : status.node();
    boolean ready = status != null && status.phase() == VMSnapshot.Phase.READY;
    locked(() -> {
      if (ready && node != null) {
        sources.put(uid, node);
      } else {
        sources.remove(uid);
      }
    });
  }

  /// As the server has the machine now.
  void setMachine(VM vm) {
    locked(() -> {
      String uid = vm.metadata().uid();
      String node = vm.spec().nodeName();
      if (node == null) {
        if (!assumed.contains(uid)) {
          drop(uid);
        }
        return;
      }
      assumed.remove(uid);
      claim(node, claimOf(vm));
    });
  }

  /// The machine is gone, or it was not bound after all.
  void release(String uid) {
    locked(() -> {
      assumed.remove(uid);
      drop(uid);
    });
  }

  /// Decides where the machine goes and counts it there at once.
  Decision place(VM vm) {
    lock.lock();
    try {
      Decision decision = decide(vm);
      if (decision instanceof Decision.Placed placed) {
        assumed.add(vm.metadata().uid());
        claim(placed.node(), claimOf(vm));
      }
      return decision;
    } finally {
      lock.unlock();
    }
  }

  /// What would be decided now, and why. Counts nothing.
  Explained explain(VM vm) {
    lock.lock();
    try {
      String pool = settings.poolOf(vm);
      List<String> wanted = settings.networksOf(vm);
      Decision missing = missing(vm, pool, wanted);
      if (missing != null) {
        return new Explained(missing, null, List.of());
      }
      PlacementRequest request = PlacementRequest.of(vm, pool, wanted, sourceNode(vm));
      return Scheduler.explain(request, present(), Policy.of(settings.spec().scheduler()));
    } finally {
      lock.unlock();
    }
  }

  private Decision decide(VM vm) {
    String pool = settings.poolOf(vm);
    List<String> wanted = settings.networksOf(vm);
    Decision missing = missing(vm, pool, wanted);
    if (missing != null) {
      return missing;
    }
    PlacementRequest request = PlacementRequest.of(vm, pool, wanted, sourceNode(vm));
    Policy policy = Policy.of(settings.spec().scheduler());
    return Scheduler.decide(request, present(), policy);
  }

  private String sourceNode(VM vm) {
    String source = vm.spec().sourceSnapshotID();
    return source == null ? "" : sources.getOrDefault(source, "");
  }

  private @Nullable Decision missing(VM vm, String pool, List<String> wanted) {
    String source = vm.spec().sourceSnapshotID();
    if (source != null && !sources.containsKey(source)) {
      return new Decision.Unplaced(
          "SnapshotNotReady",
          "there is no snapshot that is ready and has the uid " + source + "; waiting for it",
          List.of());
    }
    if (!pools.containsKey(pool)) {
      return new Decision.Unplaced(
          "PoolNotFound",
          "there is no storage pool " + pool + "; waiting for it to be created",
          List.of());
    }
    for (String each : wanted) {
      if (!networks.contains(each)) {
        return new Decision.Unplaced(
            "NetworkNotFound",
            "there is no network " + each + "; waiting for it to be created",
            List.of());
      }
    }
    return null;
  }

  private Collection<Candidate> present() {
    for (String each : outdated) {
      Node node = nodes.get(each);
      if (node == null) {
        candidates.remove(each);
      } else {
        candidates.put(each, Candidates.of(node, pools, claims(each)));
      }
    }
    outdated.clear();
    return candidates.values();
  }

  private List<Load.Claim> claims(String node) {
    Map<String, Load.Claim> there = claims.get(node);
    return there == null ? List.of() : new ArrayList<>(there.values());
  }

  private void claim(String node, Load.Claim claim) {
    String before = nodeOfClaim.put(claim.uid(), node);
    if (before != null && !before.equals(node)) {
      remove(before, claim.uid());
    }
    Load.Claim known =
        claims.computeIfAbsent(node, _ -> new LinkedHashMap<>()).put(claim.uid(), claim);
    if (!claim.equals(known)) {
      outdated.add(node);
    }
  }

  private void drop(String uid) {
    String node = nodeOfClaim.remove(uid);
    if (node != null) {
      remove(node, uid);
    }
  }

  private void remove(String node, String uid) {
    Map<String, Load.Claim> there = claims.get(node);
    if (there != null) {
      there.remove(uid);
      if (there.isEmpty()) {
        claims.remove(node);
      }
    }
    outdated.add(node);
  }

  private Load.Claim claimOf(VM vm) {
    return new Load.Claim(
        vm.metadata().uid(),
        settings.poolOf(vm),
        vm.spec().vcpus(),
        vm.spec().memoryMB(),
        PlacementRequest.diskBytes(vm),
        vm.spec().labels(),
        false);
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }
}
