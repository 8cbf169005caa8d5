package dev.otherix.agent.console;

import dev.otherix.apimachinery.client.ApiClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// A line to each server of the cluster, so that people may ask any of them for a stream. The lock
/// guards the lines.
public final class ServerLines implements AutoCloseable {
  private final Function<URI, ApiClient> clients;
  private final Function<ApiClient, Calls> open;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<URI, Calls> lines = new HashMap<>();
  private boolean closed;

  /// @param clients of a server; they end with the agent's own
  /// @param open begins a line
  public ServerLines(Function<URI, ApiClient> clients, Function<ApiClient, Calls> open) {
    this.clients = clients;
    this.open = open;
  }

  /// From now on these are the servers.
  public void follow(List<URI> servers) {
    List<Calls> ended = new ArrayList<>();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      lines
          .entrySet()
          .removeIf(each -> {
            boolean gone = !servers.contains(each.getKey());
            if (gone) {
              ended.add(each.getValue());
            }
            return gone;
          });
      for (URI each : servers) {
        lines.computeIfAbsent(each, server -> open.apply(clients.apply(server)));
      }
    } finally {
      lock.unlock();
    }
    ended.forEach(Calls::close);
  }

  @Override
  public void close() {
    List<Calls> all;
    lock.lock();
    try {
      closed = true;
      all = List.copyOf(lines.values());
    } finally {
      lock.unlock();
    }
    all.forEach(Calls::close);
  }
}
