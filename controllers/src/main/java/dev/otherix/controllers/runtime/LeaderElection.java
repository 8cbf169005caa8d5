package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WriteFence;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.MicroTime;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// One of several candidates leads: who holds a Lease. Clocks of different machines are never
/// compared: a holder is given up on when the Lease did not change for its duration by the
/// candidate's own clock, and a leader stops to believe in itself before that can happen. Both go
/// by a clock that never goes back; a leader goes by the time of day as well, which a machine that
/// was asleep finds advanced. For one thread that calls [#step] regularly; [#leadership] and
/// [#writeMax] are for any.
public final class LeaderElection implements WriteFence {
  private static final System.Logger LOG = System.getLogger(LeaderElection.class.getName());
  private static final GroupVersionResource LEASES =
      new GroupVersionResource("coordination.k8s.io", "v1", "leases");

  private final ResourceClient leases;
  private final ObjectKey key;
  private final String identity;
  private final Times times;
  private final InstantSource clock;
  private final LongSupplier nanos;

  private String seenVersion = "";
  private long seenAtNanos;
  private volatile @Nullable Held held;

  /// @param lease after which others may take over
  /// @param renew within which a leader must have renewed; then it no longer leads
  public record Times(Duration lease, Duration renew) {
    public static final Times DEFAULT = new Times(Duration.ofSeconds(15), Duration.ofSeconds(10));

    public Times {
      if (renew.compareTo(lease) >= 0) {
        throw new IllegalArgumentException(
            "a leader has to stop before its lease ends: " + renew + " is not below " + lease);
      }
    }
  }

  /// What a leader may show to others to keep former leaders out: a later leader's term is higher.
  ///
  /// @param term grows with each change of the leader
  public record Leadership(long term) {}

  private record Held(Leadership leadership, Instant until, long untilNanos) {}

  /// @param nanos a clock that never goes back, such as [System#nanoTime]
  public LeaderElection(
      ApiClient client,
      ObjectKey key,
      String identity,
      Times times,
      InstantSource clock,
      LongSupplier nanos) {
    this.leases = client.resource(LEASES);
    this.key = key;
    this.identity = identity;
    this.times = times;
    this.clock = clock;
    this.nanos = nanos;
  }

  /// Empty when another leads, or when renewing failed for too long.
  public Optional<Leadership> leadership() {
    Held now = held;
    return now != null && left(now).isPositive() ? Optional.of(now.leadership) : Optional.empty();
  }

  /// How long it leads if nothing is heard of the lease any more; zero when it does not lead.
  public Duration left() {
    Held now = held;
    Duration left = now == null ? Duration.ZERO : left(now);
    return left.isPositive() ? left : Duration.ZERO;
  }

  private Duration left(Held now) {
    Duration byDay = Duration.between(clock.instant(), now.until);
    Duration bySteadyClock = Duration.ofNanos(now.untilNanos - nanos.getAsLong());
    return byDay.compareTo(bySteadyClock) < 0 ? byDay : bySteadyClock;
  }

  /// No write begins when it does not lead, and none outlasts what others leave the lease alone.
  @Override
  public Duration writeMax() {
    Duration left = left();
    if (left.isZero()) {
      throw new ConnectionException(identity + " does not hold the lease " + key, false);
    }
    return left.plus(times.lease).minus(times.renew);
  }

  /// Takes or renews the lease if that is possible now.
  public Optional<Leadership> step() throws InterruptedException {
    return step(false);
  }

  /// Takes the lease whoever holds it: only for those who know that no former holder lives, such as
  /// whoever holds the lock of the store.
  public Optional<Leadership> seize() throws InterruptedException {
    return step(true);
  }

  private Optional<Leadership> step(boolean alone) throws InterruptedException {
    Now begin = new Now(clock.instant(), nanos.getAsLong());
    try {
      attempt(begin, alone);
    } catch (ApiException | ConnectionException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "lease not renewed lease={0} identity={1} error={2}",
          key,
          identity,
          e.getMessage());
    }
    return leadership();
  }

  /// A moment, by both clocks.
  private record Now(Instant day, long nanos) {}

  private void attempt(Now begin, boolean alone) throws InterruptedException {
    ObjectNode present = leases.find(key).orElse(null);
    if (present == null) {
      won(leases.create(lease(0, begin.day)), begin);
      return;
    }
    JsonNode spec = present.path("spec");
    String holder = spec.path("holderIdentity").asString("");
    observe(present, begin);
    boolean mine = holder.equals(identity) && leadership().isPresent();
    boolean silent = begin.nanos - seenAtNanos >= duration(spec).toNanos();
    boolean free = alone || holder.isEmpty() || silent;
    if (!mine && !free) {
      held = null;
      return;
    }
    long term = spec.path("leaseTransitions").asLong(0) + (mine ? 0 : 1);
    ObjectNode next = lease(term, begin.day);
    next.withObjectProperty("metadata")
        .put("resourceVersion", present.path("metadata").path("resourceVersion").asString(""));
    if (mine && spec.has("acquireTime")) {
      next.withObjectProperty("spec").set("acquireTime", spec.get("acquireTime"));
    }
    try {
      won(leases.update(next), begin);
    } catch (ApiException e) {
      if (!e.is(StatusReason.CONFLICT)) {
        throw e;
      }
      // Another was faster, or an earlier attempt of ours did arrive: the next step sees.
    }
  }

  private void observe(ObjectNode lease, Now now) {
    String version = lease.path("metadata").path("resourceVersion").asString("");
    if (!version.equals(seenVersion)) {
      seenVersion = version;
      seenAtNanos = now.nanos;
    }
  }

  private Duration duration(JsonNode spec) {
    long seconds = spec.path("leaseDurationSeconds").asLong(0);
    return seconds > 0 ? Duration.ofSeconds(seconds) : times.lease;
  }

  private void won(ObjectNode lease, Now begin) {
    observe(lease, begin);
    long term = lease.path("spec").path("leaseTransitions").asLong(0);
    if (leadership().isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO, "leads lease={0} identity={1} term={2}", key, identity, term);
    }
    held =
        new Held(
            new Leadership(term), begin.day.plus(times.renew), begin.nanos + times.renew.toNanos());
  }

  /// Gives the lease up, so that another need not wait for its end.
  public void release() throws InterruptedException {
    if (leadership().isEmpty()) {
      return;
    }
    held = null;
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("metadata").put("resourceVersion", seenVersion);
    patch.putObject("spec").put("holderIdentity", "");
    try {
      leases.mergePatch(key, "", patch);
    } catch (ApiException | ConnectionException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "lease not released lease={0} identity={1} error={2}",
          key,
          identity,
          e.getMessage());
    }
  }

  private ObjectNode lease(long term, Instant now) {
    ObjectNode lease = JsonNodeFactory.instance.objectNode();
    lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
    lease.putObject("metadata").put("namespace", key.namespace()).put("name", key.name());
    String time = new MicroTime(now).toString();
    lease
        .putObject("spec")
        .put("holderIdentity", identity)
        .put("leaseDurationSeconds", times.lease.toSeconds())
        .put("acquireTime", time)
        .put("renewTime", time)
        .put("leaseTransitions", term);
    return lease;
  }
}
