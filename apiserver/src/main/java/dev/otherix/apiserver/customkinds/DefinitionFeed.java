package dev.otherix.apiserver.customkinds;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.registry.ObjectCheck;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.apiserver.storage.StorageException;
import dev.otherix.apiserver.watchcache.CacheItem;
import dev.otherix.apiserver.watchcache.CacheWatch;
import dev.otherix.apiserver.watchcache.Filter;
import dev.otherix.apiserver.watchcache.Freshness;
import dev.otherix.apiserver.watchcache.WatchEvent;
import dev.otherix.apiserver.watchcache.WatchRequest;
import dev.otherix.apiserver.watchcache.WatchStart;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Follows the CustomResourceDefinitions and has each reconciled whenever it changes, and again
/// while something is left to do. One thread.
public final class DefinitionFeed implements AutoCloseable {
  public static final String GROUP = "apiextensions.k8s.io";
  public static final String PLURAL = "customresourcedefinitions";

  private static final System.Logger LOG = System.getLogger(DefinitionFeed.class.getName());

  /// How often what is left to do is tried again.
  private static final Duration AGAIN = Duration.ofMillis(500);

  private final Resource definitions;
  private final CustomKinds kinds;
  private final Thread thread;

  /// Names to look at again.
  private final Set<String> left = new LinkedHashSet<>();

  private final CountDownLatch closing = new CountDownLatch(1);

  /// @param definitions the resource of the definitions, which `resources` serves
  /// @param checks what objects of a custom kind must hold beside its schema
  public DefinitionFeed(
      Storage storage,
      Resource definitions,
      Resources resources,
      Registry registry,
      InstantSource clock,
      TerminatingKinds terminating,
      Function<Kind, ObjectCheck> checks) {
    this.definitions = definitions;
    this.kinds = new CustomKinds(storage, resources, registry, clock, terminating, checks);
    this.thread = Thread.ofVirtual().name("otherix-custom-kinds").unstarted(this::run);
  }

  /// The kind of the definitions themselves.
  public static Kind kind() {
    return Definition.kind();
  }

  /// Serves what is defined already, and follows from there on.
  public void start() throws InterruptedException {
    for (CacheItem item : definitions.everything()) {
      reconcile(item.field("metadata.name"));
    }
    thread.start();
  }

  private void run() {
    while (!isClosing()) {
      try {
        follow();
      } catch (InterruptedException e) {
        return;
      } catch (ApiException | StorageException e) {
        if (isClosing() || !pause(e)) {
          return;
        }
      }
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private boolean pause(RuntimeException e) {
    LOG.log(Level.WARNING, "definitions are not followed for a moment", e);
    try {
      return !closing.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      return false;
    }
  }

  private void follow() throws InterruptedException {
    WatchRequest request =
        WatchRequest.of(
            new WatchStart.Initial(Freshness.LATEST, false),
            Filter.under(definitions.cache().prefix()));
    try (CacheWatch watch = definitions.cache().watch(request)) {
      while (!isClosing()) {
        Set<String> names = new LinkedHashSet<>(left);
        for (WatchEvent event : watch.next(AGAIN).events()) {
          switch (event) {
            case WatchEvent.Added added -> names.add(name(added.item()));
            case WatchEvent.Modified modified -> names.add(name(modified.item()));
            case WatchEvent.Deleted deleted -> names.add(name(deleted.item()));
            case WatchEvent.Bookmark _ -> {}
          }
        }
        for (String name : names) {
          reconcile(name);
        }
      }
    }
  }

  private static String name(CacheItem item) {
    return item.field("metadata.name");
  }

  /// One broken definition does not stop the others.
  private void reconcile(String name) throws InterruptedException {
    left.remove(name);
    try {
      CacheItem item = definitions.find("", name);
      if (kinds.reconcile(name, item) == CustomKinds.Left.WAIT) {
        left.add(name);
      }
    } catch (ApiException | StorageException | IllegalStateException e) {
      if (!isClosing()) {
        LOG.log(Level.WARNING, "custom kind not reconciled definition=" + name, e);
        left.add(name);
      }
    }
  }

  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
