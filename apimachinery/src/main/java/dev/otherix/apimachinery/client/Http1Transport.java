package dev.otherix.apimachinery.client;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Requests one by one, with HTTP/1.1: each has a connection for itself while it lasts.
public final class Http1Transport implements Transport {
  private static final int ANSWER_BYTES_MAX = 512 * 1024 * 1024;
  private static final int IDLE_MAX = 8;

  /// Well below the time after which a server closes what is idle.
  private static final Duration IDLE_TIME_MAX = Duration.ofSeconds(5);

  private static final int OK = 200;

  private final String server;
  private final String host;
  private final String token;
  private final Opening opening;
  private final ScheduledExecutorService timers =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("http1-transport-timers").factory());

  /// Guarded by itself.
  private final Deque<Http1Connection> idle = new ArrayDeque<>();

  private final Set<Http1Connection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /// Makes a connection's wire, which connects later.
  @FunctionalInterface
  interface Opening {
    Wire open() throws IOException;
  }

  /// @param server for messages
  /// @param host as the server is called
  /// @param token empty for none
  Http1Transport(String server, String host, String token, Opening opening) {
    this.server = server;
    this.host = host;
    this.token = token;
    this.opening = opening;
  }

  /// To a server on this machine, over its Unix socket: the server knows who calls by the process,
  /// so that neither TLS nor a token is needed. Connects when the first request is sent.
  public static Http1Transport unix(Path socket) {
    return new Http1Transport(socket.toString(), "localhost", "", () -> UnixWire.to(socket));
  }

  /// A connection with the head of the answer to a request.
  private record Begun(Http1Connection connection, WireAnswer head) {}

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
                begun.head, new Http1Lines(begun.connection, () -> open.remove(begun.connection)));
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
          Http1Connection fresh = connect(connections);
          return fresh.join(identified(request), () -> open.remove(fresh));
        });
  }

  private Begun begin(WireRequest request, Using connections) throws IOException {
    Http1Connection former = idle();
    if (former != null) {
      connections.use(former);
      connections.connected();
      try {
        return new Begun(former, former.exchange(identified(request)));
      } catch (IOException e) {
        discard(former);
        // The server may have closed it just then. What it cannot have seen is sent again.
        if (former.answered() || !request.reads() || connections.over()) {
          throw e;
        }
      }
    }
    Http1Connection fresh = connect(connections);
    return new Begun(fresh, fresh.exchange(identified(request)));
  }

  private Http1Connection connect(Using connections) throws IOException {
    Http1Connection fresh = new Http1Connection(opening.open(), host);
    open.add(fresh);
    connections.use(fresh);
    fresh.connect();
    connections.connected();
    return fresh;
  }

  private WireRequest identified(WireRequest request) {
    if (token.isEmpty()) {
      return request;
    }
    Map<String, String> headers = new LinkedHashMap<>(request.headers());
    headers.put("authorization", "Bearer " + token);
    return request.with(headers);
  }

  private @Nullable Http1Connection idle() {
    synchronized (idle) {
      for (Http1Connection each = idle.pollLast(); each != null; each = idle.pollLast()) {
        if (each.idleNanos() < IDLE_TIME_MAX.toNanos()) {
          return each;
        }
        discard(each);
      }
      return null;
    }
  }

  private void keep(Http1Connection connection) {
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

  private void discard(Http1Connection connection) {
    open.remove(connection);
    connection.close();
  }

  /// What an exchange holds, so that its deadline can end it.
  private static final class Using {
    private @Nullable Http1Connection now;
    private boolean over;
    private boolean connected;

    synchronized void use(Http1Connection connection) throws IOException {
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

    synchronized void connected() {
      connected = true;
    }

    synchronized boolean wasConnected() {
      return connected;
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
            request.brief() + " had no answer within " + request.deadline(),
            e,
            writes && connections.wasConnected());
      }
      throw new ConnectionException(
          request.brief() + " at " + server + " failed: " + e,
          e,
          writes && connections.wasConnected());
    } finally {
      timer.cancel(false);
    }
  }

  @Override
  public void close() {
    closed = true;
    timers.shutdownNow();
    for (Http1Connection each : open) {
      discard(each);
    }
  }
}
