package dev.otherix.apimachinery.informer;

import dev.otherix.apimachinery.client.ApiWatch;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ListOptions;
import dev.otherix.apimachinery.client.ListPage;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WatchEvent;
import dev.otherix.apimachinery.client.WatchOptions;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Follows a collection for an [Informer]: reads all of it, then its changes; goes on from the last
/// revision when a stream ends, and reads all again when that revision is too old. One thread at a
/// time calls it, which owns the fields that are not counters.
final class Follower {
  private static final System.Logger LOG = System.getLogger(Follower.class.getName());

  /// How long a watch may outlast its own time before the connection counts as dead.
  private static final Duration GRACE = Duration.ofSeconds(30);

  private static final int TIMEOUT = 504;

  private final ResourceClient client;
  private final InformerOptions options;
  private final Informer target;
  private final SharedTrees trees = new SharedTrees();
  private final SharedReader reader = new SharedReader(trees);
  private final AtomicLong loads = new AtomicLong();
  private final AtomicLong streams = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  /// Where the next watch begins; empty when everything has to be read.
  private String revision = "";

  /// Whether the next list must not come from an old cache.
  private boolean consistent;

  private boolean listNext;
  private int failuresInRow;

  private @Nullable Stream stream;

  /// A watch that is open.
  ///
  /// @param initial what its initial events brought so far; null when there are none, or no more
  /// @param heard whether anything came since everything is known
  private record Stream(
      ApiWatch watch,
      Duration quietMax,
      @Nullable Map<ObjectKey, ObjectNode> initial,
      boolean heard) {}

  Follower(ResourceClient client, InformerOptions options, Informer target) {
    this.client = client;
    this.options = options;
    this.target = target;
  }

  InformerStats stats(int objects) {
    return new InformerStats(objects, loads.get(), streams.get(), failures.get());
  }

  long loads() {
    return loads.get();
  }

  /// Follows until it is interrupted.
  void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        step();
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "informer stopped resource={0}", client.resource());
    } finally {
      leave();
    }
  }

  /// Opens a stream, or waits for what the open one brings next.
  void step() throws InterruptedException {
    int before = failuresInRow;
    try {
      if (stream != null) {
        hear(stream);
      } else if (!revision.isEmpty() || !listNext) {
        open();
      } else {
        loadByList();
      }
    } catch (ApiException e) {
      failed(e);
      judge(e);
    } catch (ConnectionException e) {
      failed(e);
    } catch (RuntimeException e) {
      // Such as an index function that fails: the copy may be half done, so all is read again.
      failed(e);
      revision = "";
      LOG.log(System.Logger.Level.ERROR, "informer failed resource=" + client.resource(), e);
    }
    if (failuresInRow > before) {
      options.pause().await(options.backoff().after(failuresInRow));
    }
  }

  /// Ends the stream, if there is one; the next step opens another.
  void leave() {
    if (stream != null) {
      stream.watch.close();
      stream = null;
    }
  }

  private void failed(Exception e) {
    leave();
    failuresInRow++;
    failures.incrementAndGet();
    LOG.log(
        System.Logger.Level.WARNING,
        "informer interrupted resource={0} revision={1} error={2}",
        client.resource(),
        revision,
        e.getMessage());
  }

  /// What a refusal means for the next attempt.
  private void judge(ApiException e) {
    boolean tooOld = e.is(StatusReason.EXPIRED) || e.is(StatusReason.GONE);
    if (tooOld || e.code() == TIMEOUT) {
      // Also a revision that the server does not have yet: it may have been restored.
      revision = "";
      consistent = true;
      listNext = false;
    } else if (revision.isEmpty() && e.code() != StatusReason.TOO_MANY_REQUESTS.code()) {
      // Whatever is in its way, a proxy perhaps: a list may pass.
      listNext = true;
    } else if (e.code() < 500 && e.code() != StatusReason.TOO_MANY_REQUESTS.code()) {
      revision = "";
    }
  }

  private WatchOptions watchOptions() {
    int seconds =
        options.watchSecondsMin()
            + options.backoff().random().nextInt(options.watchSecondsMin() + 1);
    return WatchOptions.ALL
        .inNamespace(options.namespace())
        .withSelectors(options.labelSelector(), options.fieldSelector())
        .withBookmarks()
        .withTimeoutSeconds(seconds);
  }

  private void loadByList() throws InterruptedException {
    // What is in the server's memory will do at first: the watch brings what it lacks.
    ListOptions page =
        ListOptions.ALL
            .inNamespace(options.namespace())
            .withSelectors(options.labelSelector(), options.fieldSelector())
            .withResourceVersion(consistent ? "" : "0", "")
            .withLimit(consistent ? options.pageItems() : 0);
    Map<ObjectKey, ObjectNode> found = new HashMap<>();
    ListPage next = client.list(page);
    while (true) {
      for (ObjectNode each : next.items()) {
        put(found, trees.share(each));
      }
      if (next.isLast()) {
        break;
      }
      next = client.list(page.from(next.continueToken()));
    }
    listNext = false;
    loaded(found, next.resourceVersion());
  }

  /// The key's texts are then those of the tree.
  private static void put(Map<ObjectKey, ObjectNode> found, ObjectNode shared) {
    found.put(ResourceClient.keyOf(shared), shared);
  }

  private void loaded(Map<ObjectKey, ObjectNode> found, String at) {
    loads.incrementAndGet();
    revision = at;
    consistent = true;
    target.replace(found, at);
  }

  private void open() throws InterruptedException {
    boolean initial = revision.isEmpty();
    WatchOptions wanted =
        initial ? watchOptions().withInitialEvents() : watchOptions().after(revision);
    Duration quietMax = Duration.ofSeconds(wanted.timeoutSeconds()).plus(GRACE);
    streams.incrementAndGet();
    stream =
        new Stream(
            client.watch(wanted, reader::read), quietMax, initial ? new HashMap<>() : null, false);
  }

  private void hear(Stream from) throws InterruptedException {
    if (from.initial != null) {
      hearInitial(from, from.initial);
    } else {
      hearChange(from);
    }
  }

  private void hearInitial(Stream from, Map<ObjectKey, ObjectNode> found)
      throws InterruptedException {
    switch (from.watch.next(options.initialQuietMax())) {
      case WatchEvent.Changed(WatchEvent.Type type, ObjectNode object) -> {
        if (type == WatchEvent.Type.DELETED) {
          found.remove(ResourceClient.keyOf(object));
        } else {
          put(found, object);
        }
      }
      case WatchEvent.Bookmark(String at, boolean ends) -> {
        if (ends) {
          loaded(found, at);
          stream = new Stream(from.watch, from.quietMax, null, false);
        }
      }
      case WatchEvent.Quiet _ -> {
        listNext = true;
        throw new ConnectionException("the initial events do not end: listing instead", false);
      }
      case WatchEvent.End _ ->
          throw new ConnectionException("the stream ended within the initial events", false);
    }
  }

  private void hearChange(Stream from) throws InterruptedException {
    switch (from.watch.next(from.quietMax)) {
      case WatchEvent.Changed(WatchEvent.Type type, ObjectNode object) -> {
        String at = object.path("metadata").path("resourceVersion").asString("");
        revision = at;
        target.apply(
            ResourceClient.keyOf(object), type == WatchEvent.Type.DELETED ? null : object, at);
      }
      case WatchEvent.Bookmark(String at, boolean _) -> {
        revision = at;
        target.reached(at);
      }
      case WatchEvent.Quiet _ ->
          throw new ConnectionException("nothing heard for " + from.quietMax, false);
      case WatchEvent.End _ -> {
        leave();
        if (!from.heard) {
          // Not worth a word in the log, but not to be repeated at once either.
          failuresInRow++;
        }
        return;
      }
    }
    failuresInRow = 0;
    if (!from.heard) {
      stream = new Stream(from.watch, from.quietMax, null, true);
    }
  }
}
