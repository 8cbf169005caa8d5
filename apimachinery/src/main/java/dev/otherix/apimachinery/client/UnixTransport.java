package dev.otherix.apimachinery.client;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Requests to a server on this machine, over its Unix socket: the server knows who calls by the
/// process, so that neither TLS nor a token is needed.
public final class UnixTransport implements Transport {
  private static final int ANSWER_BYTES_MAX = 512 * 1024 * 1024;
  private static final int IDLE_MAX = 8;

  /// Well below the time after which a server closes what is idle.
  private static final Duration IDLE_TIME_MAX = Duration.ofSeconds(5);

  private static final int OK = 200;

  private final Path socket;
  private final ScheduledExecutorService timers =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("unix-transport-timers").factory());

  /// Guarded by itself.
  private final Deque<UnixConnection> idle = new ArrayDeque<>();

  private final Set<UnixConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private UnixTransport(Path socket) {
    this.socket = socket;
  }

  /// Connects when the first request is sent.
  public static UnixTransport to(Path socket) {
    return new UnixTransport(socket);
  }

  /// A connection with the head of the answer to a request.
  private record Begun(UnixConnection connection, WireAnswer head) {}

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    return bounded(
        request,
        connections -> {
          Begun begun = begin(request, connections);
          byte[] body = begun.connection.body(ANSWER_BYTES_MAX);
          keep(begun.connection);
          return new WireAnswer(begun.head.status(), begun.head.headers(), body);
        });
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    return bounded(
        request,
        connections -> {
          Begun begun = begin(request, connections);
          if (begun.head.status() == OK) {
            return new Opened.Stream(
                begun.head, new UnixLines(begun.connection, () -> open.remove(begun.connection)));
          }
          byte[] body = begun.connection.body(ANSWER_BYTES_MAX);
          keep(begun.connection);
          return new Opened.Refused(
              new WireAnswer(begun.head.status(), begun.head.headers(), body));
        });
  }

  /// On a connection of its own.
  @Override
  public Joined join(WireRequest request) throws InterruptedException {
    return bounded(
        request,
        connections -> {
          UnixConnection fresh = UnixConnection.open(socket);
          open.add(fresh);
          connections.use(fresh);
          return fresh.join(request, () -> open.remove(fresh));
        });
  }

  private Begun begin(WireRequest request, Using connections) throws IOException {
    UnixConnection former = idle();
    if (former != null) {
      connections.use(former);
      try {
        return new Begun(former, former.exchange(request));
      } catch (IOException e) {
        discard(former);
        // The server may have closed it just then. What it cannot have seen is sent again.
        if (former.answered() || !request.reads() || connections.over()) {
          throw e;
        }
      }
    }
    UnixConnection fresh = UnixConnection.open(socket);
    open.add(fresh);
    connections.use(fresh);
    return new Begun(fresh, fresh.exchange(request));
  }

  private @Nullable UnixConnection idle() {
    synchronized (idle) {
      for (UnixConnection each = idle.pollLast(); each != null; each = idle.pollLast()) {
        if (each.idleNanos() < IDLE_TIME_MAX.toNanos()) {
          return each;
        }
        discard(each);
      }
      return null;
    }
  }

  private void keep(UnixConnection connection) {
    if (connection.reusable() && !closed) {
      synchronized (idle) {
        if (idle.size() < IDLE_MAX) {
          idle.addLast(connection);
          return;
        }
      }
    }
    discard(connection);
  }

  private void discard(UnixConnection connection) {
    open.remove(connection);
    connection.close();
  }

  /// What an exchange holds, so that its deadline can end it.
  private static final class Using {
    private @Nullable UnixConnection now;
    private boolean over;

    synchronized void use(UnixConnection connection) throws IOException {
      if (over) {
        connection.close();
        throw new IOException("the deadline passed");
      }
      now = connection;
    }

    synchronized void end() {
      over = true;
      if (now != null) {
        now.close();
      }
    }

    synchronized boolean over() {
      return over;
    }
  }

  @FunctionalInterface
  private interface Exchange<T> {
    T run(Using connections) throws IOException;
  }

  private <T> T bounded(WireRequest request, Exchange<T> exchange) throws InterruptedException {
    boolean writes = !request.reads();
    if (closed) {
      throw new ConnectionException(request.brief() + ": the client is closed", false);
    }
    Using connections = new Using();
    Future<?> timer =
        timers.schedule(connections::end, request.deadline().toMillis(), TimeUnit.MILLISECONDS);
    try {
      return exchange.run(connections);
    } catch (IOException | RuntimeException e) {
      boolean late = connections.over();
      connections.end();
      if (connections.now != null) {
        open.remove(connections.now);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException(request.brief() + " was interrupted");
      }
      if (late) {
        throw new ConnectionException(
            request.brief() + " had no answer within " + request.deadline(), e, writes);
      }
      boolean neverSent = connections.now == null;
      throw new ConnectionException(
          request.brief() + " at " + socket + " failed: " + e, e, writes && !neverSent);
    } finally {
      timer.cancel(false);
    }
  }

  @Override
  public void close() {
    closed = true;
    timers.shutdownNow();
    for (UnixConnection each : open) {
      discard(each);
    }
  }
}
