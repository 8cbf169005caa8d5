package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.client.MessageSource.Taken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Requests over the network: HTTP/2 where the server offers it, TLS with the client's certificate
/// or a bearer token as the kubeconfig says.
public final class HttpTransport implements Transport {
  private static final System.Logger LOG = System.getLogger(HttpTransport.class.getName());
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
  private static final int ANSWER_BYTES_MAX = 512 * 1024 * 1024;
  private static final int OK = 200;

  private final URI server;
  private final String token;
  private final HttpConnections connections;
  private final ExecutorService threads;
  private final @Nullable SSLContext context;
  private final @Nullable Tls tls;

  /// Whether connections and threads end with this one.
  private final boolean owner;

  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /// What may be replaced.
  private record Tls(ReplaceableIdentity identity, ReplaceableTrust trust) {}

  private HttpTransport(
      URI server,
      String token,
      HttpConnections connections,
      ExecutorService threads,
      @Nullable SSLContext context,
      @Nullable Tls tls,
      boolean owner) {
    this.server = server;
    this.token = token;
    this.connections = connections;
    this.threads = threads;
    this.context = context;
    this.tls = tls;
    this.owner = owner;
  }

  public static HttpTransport to(Kubeconfig config) {
    return to(config, _ -> {});
  }

  /// @param verified told the server's certificate each time that it was verified
  static HttpTransport to(Kubeconfig config, Consumer<X509Certificate> verified) {
    if (!config.isTls()) {
      return open(config.server(), config.token(), null, null);
    }
    ReplaceableIdentity identity = new ReplaceableIdentity(ClientTls.identity(config));
    if (config.insecure()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "server not verified, whoever answers is believed server={0}",
          config.server());
    }
    ReplaceableTrust trust = new ReplaceableTrust(ClientTls.trust(config), verified);
    SSLContext context = ClientTls.context(identity, trust);
    return open(config.server(), config.token(), context, new Tls(identity, trust));
  }

  /// From now on, new connections prove themselves with the client certificate of this config and
  /// trust its authority; its other parts do not count. Open connections go on.
  ///
  /// @throws KubeconfigException when it cannot be used; the former stays
  public void replaceTls(Kubeconfig config) {
    Tls present = tls;
    if (present == null) {
      throw new IllegalStateException("a connection without TLS proves nothing: " + server);
    }
    X509ExtendedKeyManager identity = ClientTls.identity(config);
    present.trust.replace(ClientTls.trust(config));
    present.identity.replace(identity);
  }

  /// The way to another server of the cluster, as the same client, on the same [#replaceTls]. Ends
  /// with this one at the latest; closing it ends only its own sockets.
  public Transport at(URI other) {
    return new HttpTransport(other, token, connections, threads, context, tls, false);
  }

  /// To a server that only the authority with this fingerprint vouches for.
  ///
  /// @param fingerprint see [PinnedTrust]
  static HttpTransport pinned(URI server, String fingerprint) {
    if (!"https".equals(server.getScheme())) {
      throw new KubeconfigException(
          server + " must begin with https: without TLS nobody can tell who answers");
    }
    return open(server, "", ClientTls.pinned(fingerprint), null);
  }

  private static HttpTransport open(
      URI server, String token, @Nullable SSLContext context, @Nullable Tls tls) {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    HttpConnections connections = new HttpConnections(threads, context, CONNECT_MAX);
    return new HttpTransport(server, token, connections, threads, context, tls, true);
  }

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    HttpResponse<byte[]> response =
        await(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
    return new WireAnswer(response.statusCode(), response.headers().map(), response.body());
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    HttpResponse<LineStream> response = await(request, _ -> new LineStream());
    LineStream stream = response.body();
    if (response.statusCode() == OK) {
      WireAnswer head = new WireAnswer(OK, response.headers().map(), new byte[0]);
      return new Opened.Stream(head, stream);
    }
    try (stream) {
      byte[] body = whole(stream, request.deadline());
      return new Opened.Refused(
          new WireAnswer(response.statusCode(), response.headers().map(), body));
    }
  }

  private static byte[] whole(LineStream stream, Duration atMost) throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (out.size() < LineStream.LINE_BYTES_MAX
        && stream.take(atMost) instanceof Taken.Message(byte[] line)) {
      out.writeBytes(line);
      out.write('\n');
    }
    return out.toByteArray();
  }

  private <T> HttpResponse<T> await(WireRequest request, BodyHandler<T> handler)
      throws InterruptedException {
    HttpClient used = connections.to(server);
    CompletableFuture<HttpResponse<T>> answer = used.sendAsync(toHttp(request), handler);
    boolean writes = !request.reads();
    try {
      return answer.get(request.deadline().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      connections.doubt(server, used);
      throw new ConnectionException(
          request.brief() + " had no answer within " + request.deadline(), e, writes);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      boolean neverSent =
          cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException;
      throw new ConnectionException(
          request.brief() + " at " + server + " failed: " + cause, cause, writes && !neverSent);
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw e;
    }
  }

  /// On a connection of its own.
  @Override
  public Joined join(WireRequest request) throws InterruptedException {
    FutureTask<Joined> work = new FutureTask<>(() -> joinNow(request));
    threads.execute(work);
    try {
      return work.get(request.deadline().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      work.cancel(true);
      throw new ConnectionException(
          request.brief() + " had no answer within " + request.deadline(), e, false);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new ConnectionException(
          request.brief() + " at " + server + " failed: " + cause, cause, false);
    } catch (InterruptedException e) {
      work.cancel(true);
      throw e;
    }
  }

  private Joined joinNow(WireRequest request) throws IOException {
    int port = server.getPort() > 0 ? server.getPort() : context == null ? 80 : 443;
    String host = server.getHost();
    Socket socket = new Socket();
    boolean joined = false;
    try {
      socket.connect(
          new InetSocketAddress(host.replaceAll("[\\[\\]]", ""), port),
          Math.toIntExact(CONNECT_MAX.toMillis()));
      socket.setTcpNoDelay(true);
      Socket used = context == null ? socket : secured(context, socket, host, port);
      sockets.add(used);
      Map<String, String> headers = new LinkedHashMap<>(request.headers());
      if (!token.isEmpty()) {
        headers.put("authorization", "Bearer " + token);
      }
      WireRequest whole = request.with(headers);
      used.setSoTimeout(Math.toIntExact(request.deadline().toMillis()));
      Joined result =
          WebSocketClient.open(
              whole,
              host + ":" + port,
              used.getInputStream(),
              used.getOutputStream(),
              () -> {
                sockets.remove(used);
                used.close();
              });
      joined = result instanceof Joined.Socket;
      if (joined) {
        used.setSoTimeout(0);
      }
      return result;
    } finally {
      if (!joined) {
        socket.close();
        sockets.removeIf(Socket::isClosed);
      }
    }
  }

  private static Socket secured(SSLContext tls, Socket plain, String host, int port)
      throws IOException {
    SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private HttpRequest toHttp(WireRequest request) {
    String query = request.query().isEmpty() ? "" : "?" + request.query();
    String base = server.toString();
    String root = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(root + request.path() + query))
            .method(
                request.method(),
                request.body().length == 0
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(request.body()));
    request.headers().forEach(builder::header);
    if (!token.isEmpty()) {
      builder.header("authorization", "Bearer " + token);
    }
    return builder.build();
  }

  @Override
  public void close() {
    if (owner) {
      connections.close();
    }
    for (Socket each : sockets) {
      try {
        each.close();
      } catch (IOException e) {
        throw new UncheckedIOException("a connection to " + server + " cannot be closed", e);
      }
    }
    if (owner) {
      threads.shutdownNow();
    }
  }
}
