package dev.otherix.agent;

import dev.otherix.apimachinery.client.ApiWatch;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.ResourceClient;
import dev.otherix.apimachinery.client.WatchEvent;
import dev.otherix.apimachinery.client.WatchOptions;
import dev.otherix.apimachinery.status.ApiException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// One watch that never asks again: what it saw, and whether it ended. A thread of its own.
final class Watcher implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  private final ApiWatch watch;
  private final List<String> names = new CopyOnWriteArrayList<>();
  private volatile String ended = "";
  private final Thread thread;

  private Watcher(ApiWatch watch) {
    this.watch = watch;
    this.thread = Thread.ofVirtual().name("watcher").unstarted(this::run);
  }

  /// Of the namespace `default`.
  static Watcher start(ResourceClient objects) throws InterruptedException {
    Watcher watcher =
        new Watcher(objects.watch(WatchOptions.ALL.inNamespace("default").withTimeoutSeconds(600)));
    watcher.thread.start();
    return watcher;
  }

  private void run() {
    try {
      while (ended.isEmpty()) {
        switch (watch.next(POLL)) {
          case WatchEvent.Changed changed ->
              names.add(changed.object().at("/metadata/name").asString(""));
          case WatchEvent.End _ -> ended = "ended";
          case WatchEvent.Bookmark _, WatchEvent.Quiet _ -> {}
        }
      }
    } catch (ApiException | ConnectionException | InterruptedException e) {
      ended = e.toString();
    }
  }

  boolean saw(String name) {
    return names.contains(name);
  }

  /// In the order of the events.
  List<String> names() {
    return List.copyOf(names);
  }

  /// Why; empty while it goes on.
  String ended() {
    return ended;
  }

  @Override
  public void close() {
    thread.interrupt();
    watch.close();
  }
}
