package dev.otherix.controllers.simulation;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.MessageSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// A watch of the real server, whose events come when the simulation wants them. The server's own
/// threads take their time; so what the store has had is waited for, and nothing else is taken.
final class SimulatedStream implements MessageSource {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final MessageSource real;
  private final World world;
  private final String resource;
  private final Deque<Taken> initial = new ArrayDeque<>();
  private int told;
  private boolean cut;
  private boolean closed;

  /// @param told how many events of the resource came before this stream begins
  SimulatedStream(MessageSource real, World world, String resource, int told, boolean initial)
      throws InterruptedException {
    this.real = real;
    this.world = world;
    this.resource = resource;
    this.told = told;
    while (initial && !endsInitialEvents(this.initial.peekLast())) {
      this.initial.add(next());
    }
  }

  private static boolean endsInitialEvents(Taken taken) {
    return taken instanceof Taken.Message(byte[] json)
        && new String(json, StandardCharsets.UTF_8).contains("initial-events-end");
  }

  private Taken next() throws InterruptedException {
    Taken taken = real.take(PATIENCE);
    if (taken instanceof Taken.Quiet) {
      throw new IllegalStateException("the server does not tell what the store has: " + resource);
    }
    return taken;
  }

  boolean ready() {
    return cut || closed || !initial.isEmpty() || told < world.truth().revisions(resource).size();
  }

  void cut() {
    cut = true;
  }

  @Override
  public Taken take(Duration atMost) throws InterruptedException {
    if (cut) {
      throw new ConnectionException("simulated: the stream broke", false);
    }
    if (!initial.isEmpty()) {
      return initial.remove();
    }
    if (!ready()) {
      throw new IllegalStateException("nothing to take from the watch of " + resource);
    }
    while (true) {
      Taken taken = next();
      boolean bookmark =
          taken instanceof Taken.Message(byte[] json)
              && new String(json, StandardCharsets.UTF_8).contains("\"BOOKMARK\"");
      if (!bookmark) {
        told++;
        return taken;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    real.close();
  }
}
