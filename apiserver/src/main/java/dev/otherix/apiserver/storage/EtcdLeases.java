package dev.otherix.apiserver.storage;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Leases for entries with a time to live. Entries written within a second with the same time share
/// one, so that a stream of events does not cost a lease each. Nothing keeps a lease alive: an
/// entry that is to live longer is written again. Thread-safe.
final class EtcdLeases {
  private static final Duration SHARED_FOR = Duration.ofSeconds(1);
  private static final int KNOWN_MAX = 1000;

  private final EtcdClient client;

  /// By seconds of time to live.
  private final Map<Long, Lease> known = new ConcurrentHashMap<>();

  private record Lease(long id, long grantedNanos) {}

  EtcdLeases(EtcdClient client) {
    this.client = client;
  }

  /// A lease that ends `timeToLive` from now at the earliest, about a second later at the latest.
  long lease(Duration timeToLive) {
    if (timeToLive.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("a time to live is a second at least: " + timeToLive);
    }
    long seconds = timeToLive.plusNanos(999_999_999).toSeconds();
    long now = System.nanoTime();
    Lease shared = known.get(seconds);
    if (shared != null && now - shared.grantedNanos < SHARED_FOR.toNanos()) {
      return shared.id;
    }
    LeaseGrantRequest request =
        LeaseGrantRequest.newBuilder().setTTL(seconds + SHARED_FOR.toSeconds()).build();
    long id = client.read("grant a lease", LeaseGrpc.getLeaseGrantMethod(), request).getID();
    if (known.size() >= KNOWN_MAX) {
      known.clear();
    }
    known.put(seconds, new Lease(id, now));
    return id;
  }

  /// Etcd does not know one of them any more.
  void forget() {
    known.clear();
  }

  /// What is left of a lease, 0 when it has ended.
  Duration left(long lease) {
    LeaseTimeToLiveRequest request = LeaseTimeToLiveRequest.newBuilder().setID(lease).build();
    long seconds =
        client
            .read("read the end of a lease", LeaseGrpc.getLeaseTimeToLiveMethod(), request)
            .getTTL();
    return Duration.ofSeconds(Math.max(0, seconds));
  }
}
