package dev.otherix.ctl.store;

import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.storage.EtcdMembers;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import java.lang.System.Logger.Level;
import java.time.Duration;
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

  private final ManagedEtcd etcd;
  private final EtcdMembers members;
  private final Records turns;
  private final AtomicBoolean stale = new AtomicBoolean();
  private boolean holdsTurn;

  public MemberCare(ManagedEtcd etcd, Storage store) {
    this.etcd = etcd;
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
  void look() {
    try {
      promote();
      restart();
    } catch (StorageException e) {
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

  private void restart() {
    if (holdsTurn) {
      // It answers again: the next one finds a majority.
      Records.@Nullable Found turn = turns.find(TURN);
      if (turn != null) {
        turns.remove(turn);
      }
      holdsTurn = false;
    }
    if (stale.get() && takeTurn()) {
      stale.set(false);
      etcd.restart();
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
