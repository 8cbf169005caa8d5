package dev.otherix.ctl.store;

import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.meter.Family;
import dev.otherix.apiserver.health.Concerns;
import dev.otherix.apiserver.metrics.ServerMetrics;
import dev.otherix.apiserver.storage.Compaction;
import dev.otherix.apiserver.storage.EtcdState;
import dev.otherix.apiserver.storage.EtcdStorage;
import dev.otherix.apiserver.storage.StorageException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a server does for the etcd that it stands on: it compacts its history, follows its state,
/// shows it, and tells when it gets worse or better. One virtual thread.
public final class EtcdCare implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(EtcdCare.class.getName());
  private static final Duration HISTORY = Duration.ofMinutes(5);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
  private static final String NO_LEADER = "etcd-no-leader";
  private static final String FULL = "etcd-full";

  /// Concerns while which nothing can be written.
  public static final Set<String> KEEP_WRITES_OUT = Set.of(NO_LEADER, FULL);

  private final EtcdStorage store;
  private final @Nullable MemberCare own;
  private final Concerns concerns;
  private final Pause pause;
  private final Compaction compaction;
  private final Thread thread;

  /// As it was when somebody looked last; no member answers when nobody has a leader.
  private volatile EtcdState state = new EtcdState(0, 0, true, false, false);

  private EtcdCare(EtcdStorage store, @Nullable MemberCare own, Concerns concerns, Pause pause) {
    this.store = store;
    this.own = own;
    this.concerns = concerns;
    this.pause = pause;
    this.compaction = Compaction.start(store, HISTORY, pause);
    this.thread = Thread.ofVirtual().name("etcd-care").unstarted(this::run);
  }

  /// @param own what is to be done for the etcd that this server runs; null when others run it
  public static EtcdCare start(
      EtcdStorage store,
      @Nullable MemberCare own,
      Concerns concerns,
      ServerMetrics metrics,
      Pause pause) {
    EtcdCare care = new EtcdCare(store, own, concerns, pause);
    metrics.storageSize(() -> care.state.sizeBytes());
    metrics.show(care::families);
    care.thread.start();
    return care;
  }

  private List<Family> families() {
    return state.families();
  }

  private void run() {
    try {
      while (true) {
        look();
        if (own != null) {
          own.look(state.full());
        }
        pause.await(LOOK_EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "etcd is no longer looked at");
    }
  }

  private void look() {
    EtcdState former = state;
    EtcdState present;
    try {
      present = store.state();
    } catch (StorageException e) {
      present =
          new EtcdState(
              former.sizeBytes(), former.usedBytes(), false, former.full(), former.corrupt());
    }
    state = present;
    concerns.tell(NO_LEADER, !present.hasLeader(), "etcd has no leader: bring back its members");
    concerns.tell(
        FULL,
        present.full(),
        "etcd takes no writes, its quota is used up: compact, defragment, disarm NOSPACE; an etcd"
            + " that servers run does so by itself, and needs a larger etcd.quota_bytes if it comes"
            + " back");
    concerns.tell("etcd-corrupt", present.corrupt(), "members of etcd differ: restore a backup");
  }

  @Override
  public void close() {
    thread.interrupt();
    compaction.close();
  }
}
