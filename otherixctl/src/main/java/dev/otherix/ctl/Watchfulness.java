package dev.otherix.ctl;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apiserver.health.Concerns;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ReplicaClocks;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.controllers.runtime.EventRecorder;
import dev.otherix.ctl.store.EtcdCare;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import tools.jackson.databind.node.ObjectNode;

/// What looks for things that are not as they should be, and tells people: the clocks of the
/// servers, and whatever else raises a concern. Each concern becomes an Event, as soon as the store
/// takes one: a full store has room for none. One virtual thread.
final class Watchfulness implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Watchfulness.class.getName());
  private static final Duration POLL = Duration.ofSeconds(1);

  /// Of concerns that are not Events yet; more than there are kinds of them.
  private static final int UNTOLD_MAX = 64;

  /// Concerns of servers have no object of their own; people look here.
  private static final ObjectNode ABOUT =
      Json.parseObject(
          """
          {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}}
          """);

  private final Concerns concerns;
  private final ReplicaClocks clocks;
  private final EventRecorder events;
  private final Pause pause = Pause.real();
  private final BlockingQueue<Concerns.Concern> untold = new ArrayBlockingQueue<>(UNTOLD_MAX);
  private final Thread thread;

  private Watchfulness(Concerns concerns, ReplicaClocks clocks, EventRecorder events) {
    this.concerns = concerns;
    this.clocks = clocks;
    this.events = events;
    this.thread = Thread.ofVirtual().name("watchfulness").unstarted(this::run);
  }

  /// @param client for Events
  static Watchfulness start(ApiServer server, ApiClient client, Storage store) {
    InstantSource clock = InstantSource.system();
    Concerns concerns = server.health().concerns();
    Watchfulness all =
        new Watchfulness(
            concerns,
            ReplicaClocks.start(store, clock, concerns, Pause.real()),
            new EventRecorder(client, "otherix-server", clock));
    concerns.onRaise(all::raised);
    concerns.present().forEach(all::raised);
    server.metrics().show(concerns::families);
    server.metrics().show(all.clocks::families);
    all.thread.start();
    return all;
  }

  private void raised(Concerns.Concern concern) {
    if (!untold.offer(concern)) {
      LOG.log(Level.WARNING, "a concern gets no Event name={0}", concern.name());
    }
  }

  private void run() {
    try {
      while (true) {
        Concerns.Concern concern = untold.take();
        while (!writable()) {
          pause.await(POLL);
        }
        events.warning(ABOUT, reason(concern.name()), concern.message());
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "concerns become no Events any more");
    }
  }

  private boolean writable() {
    return concerns.present().stream()
        .noneMatch(each -> EtcdCare.KEEP_WRITES_OUT.contains(each.name()));
  }

  /// `SlowDisk` of `slow-disk`.
  static String reason(String name) {
    StringBuilder reason = new StringBuilder();
    for (String word : name.split("-", -1)) {
      reason.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
    }
    return reason.toString();
  }

  @Override
  public void close() {
    thread.interrupt();
    clocks.close();
  }
}
