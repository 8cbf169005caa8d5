package dev.otherix.apiserver.storage;

import dev.otherix.apimachinery.client.Pause;
import java.lang.System.Logger.Level;
import java.time.Duration;

/// Has a store forget history that is older than some time, for stores that do not do so by
/// themselves. Several servers may do it for the same store: what one has compacted is compacted.
/// One virtual thread.
public final class Compaction implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Compaction.class.getName());

  private final Storage store;
  private final Duration keep;
  private final Pause pause;
  private final Thread thread;

  private Compaction(Storage store, Duration keep, Pause pause) {
    this.store = store;
    this.keep = keep;
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("compaction").unstarted(this::run);
  }

  /// @param keep how old history gets, up to twice
  public static Compaction start(Storage store, Duration keep, Pause pause) {
    Compaction compaction = new Compaction(store, keep, pause);
    compaction.thread.start();
    return compaction;
  }

  private void run() {
    long old = Storage.UNKNOWN_REVISION;
    try {
      while (true) {
        try {
          if (old != Storage.UNKNOWN_REVISION) {
            store.compact(old);
          }
          old = store.revision();
        } catch (StorageException e) {
          if (e.reason() == StorageException.Reason.CLOSED) {
            return;
          }
          // What was too young stays so: the next round begins anew.
          old = Storage.UNKNOWN_REVISION;
          LOG.log(Level.WARNING, "history not compacted error={0}", e.getMessage());
        }
        pause.await(keep);
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "history is no longer compacted");
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
