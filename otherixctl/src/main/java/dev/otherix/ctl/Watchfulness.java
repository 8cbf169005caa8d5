package dev.otherix.ctl;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apiserver.health.Concerns;
import dev.otherix.apiserver.identity.Tokens;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ReplicaClocks;
import dev.otherix.apiserver.server.WriteProbe;
import dev.otherix.apiserver.storage.Storage;
import dev.otherix.controllers.runtime.EventRecorder;
import java.security.SecureRandom;
import java.time.InstantSource;
import tools.jackson.databind.node.ObjectNode;

/// What looks for things that are not as they should be, and tells people: the clocks of the
/// servers, the time that writes take, and whatever else raises a concern.
///
/// @param clocks of the servers that share the store
/// @param writes to it
record Watchfulness(ReplicaClocks clocks, WriteProbe writes) implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Watchfulness.class.getName());

  /// Concerns of servers have no object of their own; people look here.
  private static final ObjectNode ABOUT =
      Json.parseObject(
          """
          {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}}
          """);

  /// @param client for Events
  static Watchfulness start(ApiServer server, ApiClient client, Storage store) {
    Concerns concerns = server.health().concerns();
    EventRecorder events = new EventRecorder(client, "otherix-server", InstantSource.system());
    concerns.onRaise(each -> Thread.startVirtualThread(() -> tell(events, each)));
    concerns.present().forEach(each -> Thread.startVirtualThread(() -> tell(events, each)));
    String id = Tokens.hash(new Tokens(new SecureRandom()).next(""));
    Watchfulness all =
        new Watchfulness(
            ReplicaClocks.start(store, InstantSource.system(), concerns, Pause.real()),
            WriteProbe.start(store, id, concerns, System::nanoTime, Pause.real()));
    server.metrics().show(concerns::families);
    server.metrics().show(all.clocks::families);
    server.metrics().show(all.writes::families);
    return all;
  }

  private static void tell(EventRecorder events, Concerns.Concern concern) {
    try {
      events.warning(ABOUT, reason(concern.name()), concern.message());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ConnectionException | IllegalStateException e) {
      LOG.log(System.Logger.Level.DEBUG, "a concern has no Event", e);
    }
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
    clocks.close();
    writes.close();
  }
}
