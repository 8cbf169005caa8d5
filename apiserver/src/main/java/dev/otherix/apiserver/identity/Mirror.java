package dev.otherix.apiserver.identity;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.Entry;
import dev.otherix.apiserver.storage.Page;
import dev.otherix.apiserver.storage.ReadAt;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageEvent;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.storage.Watch;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A copy of an area of [Records] in memory, which follows the store: for what every request needs
/// to know. A moment behind the store. One virtual thread writes it, every thread reads it.
public final class Mirror implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Mirror.class.getName());
  private static final Duration POLL = Duration.ofSeconds(5);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

  private final Storage store;
  private final String prefix;
  private final Map<String, ObjectNode> held = new ConcurrentHashMap<>();
  private final Thread follower;
  private final CountDownLatch closing = new CountDownLatch(1);

  /// Begins with what is there now.
  public Mirror(Storage store, String area) {
    this.store = store;
    this.prefix = Records.ROOT + area + "/";
    long revision = load();
    this.follower = Thread.ofVirtual().name("mirror-" + area).start(() -> follow(revision));
  }

  /// The record as it was a moment ago; null when there was none.
  ///
  /// @return shared by all: not to be changed
  public @Nullable ObjectNode find(String id) {
    return held.get(id);
  }

  private long load() {
    Page page = store.list(prefix, "", 0, ReadAt.LATEST);
    held.keySet().retainAll(page.entries().stream().map(each -> id(each.key())).toList());
    page.entries().forEach(this::put);
    return page.revision();
  }

  private void follow(long from) {
    long seen = from;
    while (!closed()) {
      try (Watch watch = store.watch(prefix, seen)) {
        while (!closed()) {
          Watch.Batch batch = watch.next(POLL);
          batch.events().forEach(this::apply);
          seen = batch.revision();
        }
      } catch (InterruptedException e) {
        return;
      } catch (StorageException e) {
        if (closed() || e.reason() == StorageException.Reason.CLOSED) {
          return;
        }
        LOG.log(
            Level.WARNING, "records not followed prefix=" + prefix + " error=" + e.getMessage());
        seen = reload(seen);
      }
    }
  }

  private long reload(long seen) {
    try {
      return closing.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS) ? seen : load();
    } catch (InterruptedException e) {
      closing.countDown();
      return seen;
    } catch (StorageException e) {
      // Still unreachable: the next round tells and tries again.
      return seen;
    }
  }

  private void apply(StorageEvent event) {
    switch (event) {
      case StorageEvent.Created created -> put(created.entry());
      case StorageEvent.Updated updated -> put(updated.entry());
      case StorageEvent.Deleted deleted -> held.remove(id(deleted.key()));
    }
  }

  private void put(Entry entry) {
    try {
      if (Json.decode(entry.value(), Limits.STORED).tree() instanceof ObjectNode object) {
        held.put(id(entry.key()), object);
      }
    } catch (ApiException e) {
      held.remove(id(entry.key()));
      LOG.log(Level.ERROR, "damaged record key=" + entry.key() + " error=" + e.getMessage());
    }
  }

  private boolean closed() {
    return closing.getCount() == 0;
  }

  private String id(String key) {
    return key.substring(prefix.length());
  }

  @Override
  public void close() {
    closing.countDown();
    follower.interrupt();
  }
}
