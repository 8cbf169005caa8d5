package dev.otherix.apiserver.storage;

import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import java.time.Duration;

/// Leases for entries with a time to live, one for each entry: etcd removes all entries of a lease
/// at one revision, and then a watcher that resumes there could have had only some of them. Nothing
/// keeps a lease alive: an entry that is to live longer is written again. Thread-safe.
final class EtcdLeases {
  private final EtcdClient client;

  EtcdLeases(EtcdClient client) {
    this.client = client;
  }

  /// A new lease that ends `timeToLive` from now, rounded up to seconds. Etcd makes it two seconds
  /// at least. One that is not used in the end goes by itself.
  long grant(Duration timeToLive) {
    long seconds = timeToLive.plusNanos(999_999_999).toSeconds();
    LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setTTL(seconds).build();
    return client.read("grant a lease", LeaseGrpc.getLeaseGrantMethod(), request).getID();
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
