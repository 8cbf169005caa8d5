package dev.otherix.controllers.access;

import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.registry.Subresource;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.storage.StorageException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// When API tokens were last used: collected in memory, written once a minute, so that reading
/// costs no write. A crash loses the last minute. One virtual thread writes.
final class LastUsed implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LastUsed.class.getName());
  private static final Duration EVERY = Duration.ofMinutes(1);

  /// Tokens in one minute; more go unnoticed.
  private static final int TOKENS_MAX = 10_000;

  private final Map<String, Instant> used = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Resources resources;
  private final InstantSource clock;

  LastUsed(Resources resources, InstantSource clock) {
    this.resources = resources;
    this.clock = clock;
  }

  void start(Registry registry) {
    Thread.ofVirtual().name("api-tokens-last-used").start(() -> run(registry));
  }

  void note(String token) {
    if (used.size() < TOKENS_MAX || used.containsKey(token)) {
      used.put(token, clock.instant().truncatedTo(ChronoUnit.SECONDS));
    }
  }

  private void run(Registry registry) {
    try {
      while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        write(registry);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Writes what was collected since the last time.
  void write(Registry registry) throws InterruptedException {
    Resource.Version version = resources.find(Kinds.GROUP, Kinds.VERSION, "apitokens");
    if (version == null) {
      return;
    }
    for (Map.Entry<String, Instant> each : Map.copyOf(used).entrySet()) {
      used.remove(each.getKey(), each.getValue());
      Target target = new Target(version, "", each.getKey(), Subresource.STATUS);
      try {
        registry.update(
            target,
            live -> {
              live.withObjectProperty("status")
                  .put("lastUsedAt", new Time(each.getValue()).toString());
              return live;
            },
            ServerIdentity.context());
      } catch (ApiException | StorageException e) {
        LOG.log(
            Level.WARNING,
            "last use not noted token=" + each.getKey() + " error=" + e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
