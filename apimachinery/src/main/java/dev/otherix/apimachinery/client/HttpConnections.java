package dev.otherix.apimachinery.client;

import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// The connections to the servers of a cluster. With HTTP/2 everything to one server shares one, so
/// when its packets get lost on the way, without a word from anybody, all streams fall silent and
/// each request waits in vain, for the quarter of an hour that the kernel takes to give it up. So
/// when an answer does not come in time the server is asked whether it lives, on the same
/// connection; when that is not answered either, the next request gets a new one, and what was open
/// on the former ends.
///
/// Thread-safe. The lock guards which connections are in use.
final class HttpConnections implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HttpConnections.class.getName());
  private static final Duration QUESTION_MAX = Duration.ofSeconds(5);

  private final Executor threads;
  private final @Nullable SSLContext context;
  private final Duration connectMax;
  private final ReentrantLock lock = new ReentrantLock();

  /// As many as a cluster has servers, or had while this client ran.
  private final Map<URI, HttpClient> clients = new HashMap<>();

  private final Set<URI> doubted = ConcurrentHashMap.newKeySet();
  private boolean closed;

  HttpConnections(Executor threads, @Nullable SSLContext context, Duration connectMax) {
    this.threads = threads;
    this.context = context;
    this.connectMax = connectMax;
  }

  /// With what the next request is sent.
  HttpClient to(URI server) {
    lock.lock();
    try {
      if (closed) {
        throw new ConnectionException("the client of " + server + " is closed", false);
      }
      return clients.computeIfAbsent(server, _ -> open());
    } finally {
      lock.unlock();
    }
  }

  private HttpClient open() {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(connectMax)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads);
    if (context != null) {
      builder.sslContext(context);
    }
    return builder.build();
  }

  /// An answer did not come in time. Returns at once.
  ///
  /// @param used with what its request was sent
  void doubt(URI server, HttpClient used) {
    if (doubted.add(server)) {
      threads.execute(() -> ask(server, used));
    }
  }

  private void ask(URI server, HttpClient used) {
    try {
      if (!isAnswered(server, used)) {
        giveUp(server, used);
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "closed while asking server={0}", server);
    } finally {
      doubted.remove(server);
    }
  }

  /// Any answer will do, and so will a connection that fails: the next request opens another.
  private static boolean isAnswered(URI server, HttpClient used) throws InterruptedException {
    HttpRequest question = HttpRequest.newBuilder(server.resolve("/livez")).build();
    CompletableFuture<?> answer = used.sendAsync(question, BodyHandlers.discarding());
    try {
      answer.get(QUESTION_MAX.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException e) {
      LOG.log(Level.DEBUG, "a connection failed by itself server=" + server, e);
      return true;
    } catch (TimeoutException _) {
      answer.cancel(true);
      return false;
    }
  }

  private void giveUp(URI server, HttpClient used) {
    lock.lock();
    try {
      if (!clients.remove(server, used)) {
        return;
      }
    } finally {
      lock.unlock();
    }
    LOG.log(Level.WARNING, "connection is silent and given up server={0}", server);
    used.shutdownNow();
  }

  /// Ends what is open.
  @Override
  public void close() {
    List<HttpClient> all;
    lock.lock();
    try {
      closed = true;
      all = List.copyOf(clients.values());
      clients.clear();
    } finally {
      lock.unlock();
    }
    all.forEach(HttpClient::shutdownNow);
  }
}
