package dev.otherix.controllers.gc;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Discovery;
import dev.otherix.apimachinery.client.ServedType;
import dev.otherix.apimachinery.informer.Informer;
import dev.otherix.apimachinery.informer.InformerOptions;
import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.controllers.runtime.Controller;
import dev.otherix.controllers.runtime.ControllerHost;
import dev.otherix.controllers.runtime.EventRecorder;
import dev.otherix.controllers.runtime.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Follows every kind that can be listed, watched and deleted, custom kinds too as they come and
/// go, and has [GarbageReconciler] look at what may be garbage. One thread looks at the kinds; it
/// owns `followed`.
public final class GarbageCollector implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(GarbageCollector.class.getName());
  private static final GroupVersionResource DEFINITIONS =
      new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  private static final String NAME = "garbage-collector";
  private static final int WORKERS = 4;

  /// How often to look for kinds when nobody said that there are others.
  private static final long LOOK_SECONDS = 30;

  /// A definition is told of before its kind is served.
  private static final long LOOK_AGAIN_SECONDS = 1;

  private static final Duration STOP_MAX = Duration.ofSeconds(30);

  private final ApiClient client;
  private final OwnershipGraph graph = new OwnershipGraph();
  private final Owners owners;
  private final Controller<String> controller;
  private final GarbageReconciler reconciler;
  private final Informer definitions;
  private final Semaphore kindsChanged = new Semaphore(0);
  private final Map<ServedType, Informer> followed = new LinkedHashMap<>();
  private final Thread thread;

  private GarbageCollector(ControllerHost host) {
    this.client = host.client();
    this.owners =
        new Owners(client, graph, new EventRecorder(client, NAME + "-controller", host.clock()));
    this.definitions =
        new Informer(client.resource(DEFINITIONS).metadataOnly(), InformerOptions.ALL);
    this.controller = host.controller(NAME, this::reconcile, WORKERS);
    this.reconciler = new GarbageReconciler(client, graph, owners, controller.queue()::add);
    this.thread = Thread.ofVirtual().name(NAME + "-kinds").unstarted(this::followKinds);
  }

  /// Begins at once; ends with the host.
  public static GarbageCollector startOn(ControllerHost host) {
    GarbageCollector collector = new GarbageCollector(host);
    host.alongside(collector);
    collector.thread.start();
    return collector;
  }

  private Result reconcile(String uid) throws InterruptedException {
    return reconciler.reconcile(uid);
  }

  private void followKinds() {
    definitions.addHandler(NAME, (_, _, _) -> kindsChanged.release());
    definitions.start();
    try {
      while (true) {
        look();
        if (kindsChanged.tryAcquire(LOOK_SECONDS, TimeUnit.SECONDS)) {
          kindsChanged.drainPermits();
          look();
          if (kindsChanged.tryAcquire(LOOK_AGAIN_SECONDS, TimeUnit.SECONDS)) {
            kindsChanged.drainPermits();
          }
        }
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "garbage collector stopped");
    } finally {
      definitions.close();
      followed.values().forEach(Informer::close);
    }
  }

  private void look() throws InterruptedException {
    try {
      Discovery.Found found = client.discovery().preferred();
      Set<ServedType> wanted = new HashSet<>();
      for (ServedType type : found.types()) {
        if (type.can("list", "watch", "delete") && !isEvents(type)) {
          wanted.add(type);
          follow(type);
        }
      }
      if (found.isComplete()) {
        unfollow(wanted);
      }
      owners.forgetTypes();
    } catch (ApiException | ConnectionException e) {
      LOG.log(
          System.Logger.Level.WARNING, "kinds not known, trying again error={0}", e.getMessage());
    }
  }

  /// They are many, own nothing and go by themselves.
  private static boolean isEvents(ServedType type) {
    return type.resource().resource().equals("events");
  }

  private void follow(ServedType type) {
    if (followed.containsKey(type)) {
      return;
    }
    Informer informer =
        new Informer(client.resource(type.resource()).metadataOnly(), InformerOptions.ALL);
    informer.addHandler(NAME, (_, before, after) -> changed(type, before, after));
    followed.put(type, informer);
    informer.start();
  }

  private void changed(ServedType type, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    Set<String> look =
        graph.change(
            before == null ? null : Item.of(type, before),
            after == null ? null : Item.of(type, after));
    look.forEach(controller.queue()::add);
  }

  private void unfollow(Set<ServedType> wanted) {
    List<ServedType> gone = new ArrayList<>(followed.keySet());
    gone.removeAll(wanted);
    for (ServedType type : gone) {
      Informer informer = followed.remove(type);
      if (informer != null) {
        informer.close();
      }
      graph.removeAll(type).forEach(controller.queue()::add);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(STOP_MAX);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
