package dev.otherix.ctl.store;

import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.storage.EtcdMembers;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/// What a server does for the etcd that it runs together with others: it gives those that joined
/// their vote, and starts its own again when whom it trusts has changed. What makes a member silent
/// for a moment is done by one server at a time. Looks are taken by one thread.
public final class MemberCare implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(MemberCare.class.getName());
  private static final String TURN = "turn";

  /// A server that dies in its turn loses it.
  private static final Duration TURN_MAX = Duration.ofMinutes(1);

  /// A database is defragmented when more than half of it is waste, and that is much.
  private static final double WASTE_MAX = 0.5;

  private static final long WASTE_BYTES_MAX = 256L * 1024 * 1024;

  /// A full one does so for less.
  private static final int RECOVER_EARLIER = 64;

  /// Of its quota, below which writes are let in again.
  private static final double ROOM_AGAIN = 0.9;

  /// About two minutes.
  private static final int LEADER_WAITS_LOOKS = 24;

  private final ManagedEtcd etcd;
  private final Storage store;
  private final long wasteBytesMax;
  private int fragmentedLooks;
  private final EtcdMembers members;
  private final Records turns;
  private final AtomicBoolean stale = new AtomicBoolean();
  private boolean holdsTurn;

  public MemberCare(ManagedEtcd etcd, Storage store) {
    this(etcd, store, WASTE_BYTES_MAX);
  }

  /// @param wasteBytesMax up to which nothing is done
  MemberCare(ManagedEtcd etcd, Storage store, long wasteBytesMax) {
    this.etcd = etcd;
    this.store = store;
    this.wasteBytesMax = wasteBytesMax;
    this.members = EtcdMembers.of(etcd.options());
    this.turns = new Records(store, "etcd");
  }

  /// The etcd of this server, and the others.
  public EtcdMembers members() {
    return members;
  }

  /// The cluster's authority has changed. Does not wait.
  public void trust(ClusterCa authority) {
    if (etcd.adopt(authority)) {
      stale.set(true);
    }
  }

  /// Does what there is to do now; what cannot be done is tried at the next look.
  ///
  /// @param full whether etcd takes no writes any more
  void look(boolean full) {
    try {
      promote();
      giveTurnBack(full);
      restart();
      defragment(full);
    } catch (StorageException | EtcdMembers.Refused e) {
      LOG.log(Level.DEBUG, "the members of etcd are not looked after now", e);
    }
  }

  private void promote() {
    for (EtcdMembers.Peer each : members.list()) {
      if (each.learner() && each.started()) {
        try {
          members.promote(each.id());
          LOG.log(Level.INFO, "server is a member now name={0}", each.name());
        } catch (EtcdMembers.Refused e) {
          LOG.log(Level.DEBUG, "server still receives name=" + each.name(), e);
        }
      }
    }
  }

  /// It answers again: the next one finds a majority.
  private void giveTurnBack(boolean full) {
    if (holdsTurn && !full) {
      Records.@Nullable Found turn = turns.find(TURN);
      if (turn != null) {
        turns.remove(turn);
      }
      holdsTurn = false;
    }
  }

  private void restart() {
    if (stale.get() && takeTurn()) {
      stale.set(false);
      etcd.restart();
    }
  }

  /// The leader waits for the others and then hands over, so that no election is lost by it.
  private void defragment(boolean full) {
    EtcdMembers.Self self = members.self();
    long waste = self.sizeBytes() - self.usedBytes();
    if (full) {
      recover(waste);
      return;
    }
    boolean fragmented = waste > wasteBytesMax && waste > self.sizeBytes() * WASTE_MAX;
    fragmentedLooks = fragmented ? fragmentedLooks + 1 : 0;
    List<EtcdMembers.Peer> voters =
        members.list().stream().filter(each -> each.started() && !each.learner()).toList();
    boolean leadsOthers = self.leads() && voters.size() > 1;
    if (!fragmented || (leadsOthers && fragmentedLooks < LEADER_WAITS_LOOKS) || !takeTurn()) {
      return;
    }
    if (leadsOthers) {
      members.lead(
          voters.stream().filter(each -> each.id() != self.id()).findFirst().orElseThrow().id());
    }
    members.defragment();
    LOG.log(
        Level.INFO,
        "etcd defragmented name={0} before={1} after={2}",
        etcd.name(),
        self.sizeBytes(),
        members.self().sizeBytes());
  }

  /// Without writes there are no turns; a full etcd keeps nobody from work by being silent. History
  /// goes at once, every member defragments, and the leader lets writes in again. When that brings
  /// nothing, etcd says so again with the next write.
  private void recover(long waste) {
    store.compact(store.revision());
    if (waste > wasteBytesMax / RECOVER_EARLIER) {
      members.defragment();
    }
    EtcdMembers.Self after = members.self();
    if (after.leads() && after.sizeBytes() < etcd.quotaBytes() * ROOM_AGAIN) {
      members.disarmNoSpace();
      LOG.log(Level.INFO, "etcd takes writes again size={0}", after.sizeBytes());
    }
  }

  private boolean takeTurn() {
    holdsTurn =
        turns.create(
            TURN, JsonNodeFactory.instance.objectNode().put("member", etcd.name()), TURN_MAX);
    return holdsTurn;
  }

  @Override
  public void close() {
    members.close();
  }
}
