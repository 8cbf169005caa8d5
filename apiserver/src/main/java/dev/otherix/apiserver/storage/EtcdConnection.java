package dev.otherix.apiserver.storage;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ClientStreamTracer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// A connection to one member of the cluster, and the token that it accepts. Never repaired: after
/// repeated failure [EtcdClient] makes another.
final class EtcdConnection {
  /// gRPC's own lower bound. Finds dead peers; nothing else relies on it.
  private static final Duration PING_EVERY = Duration.ofSeconds(10);

  private static final Duration PING_ANSWER_MAX = Duration.ofSeconds(5);
  private static final int PORT = 2379;
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

  /// Makes a member without a leader refuse at once, and end its watches, instead of waiting.
  private static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  private final EtcdOptions options;
  private final URI endpoint;
  private final ManagedChannel channel;
  private final AtomicInteger failures = new AtomicInteger();

  /// The channel with the headers that every call needs; null until there is a token.
  private volatile @Nullable Channel authorized;

  EtcdConnection(EtcdOptions options, URI endpoint) {
    this.options = options;
    this.endpoint = endpoint;
    this.channel = channel(options, endpoint);
  }

  URI endpoint() {
    return endpoint;
  }

  /// One call with a deadline of its own.
  <Q, A> A call(MethodDescriptor<Q, A> method, Q request, Duration timeout, Sent sent) {
    CallOptions call =
        CallOptions.DEFAULT
            .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
            .withStreamTracerFactory(sent);
    return ClientCalls.blockingUnaryCall(authorized(), method, call, request);
  }

  EtcdStream watch(WatchCreateRequest request) {
    return new EtcdStream(authorized(), request);
  }

  /// Whether the member answers a request for progress only after all events up to it: older ones
  /// let the answer overtake events (etcd issues 15220 and 17507).
  boolean orderedProgress() {
    try {
      String version =
          call(
                  MaintenanceGrpc.getStatusMethod(),
                  StatusRequest.getDefaultInstance(),
                  options.callTimeout(),
                  new Sent())
              .getVersion();
      return orderedProgress(version);
    } catch (StatusRuntimeException e) {
      // Not to know costs only comfort: progress then follows events alone.
      return false;
    }
  }

  static boolean orderedProgress(String version) {
    int[] numbers = new int[3];
    String[] parts = version.split("[.+-]", 4);
    for (int i = 0; i < numbers.length; i++) {
      if (parts.length <= i || parts[i].isEmpty() || !Character.isDigit(parts[i].charAt(0))) {
        return false;
      }
      numbers[i] = Integer.parseInt(parts[i]);
    }
    if (numbers[0] != 3) {
      return numbers[0] > 3;
    }
    return switch (numbers[1]) {
      case 4 -> numbers[2] >= 31;
      case 5 -> numbers[2] >= 13;
      default -> numbers[1] > 5;
    };
  }

  void succeeded() {
    failures.set(0);
  }

  /// Counts one more failure in a row.
  int failed() {
    return failures.incrementAndGet();
  }

  /// The token is no longer good.
  void forgetToken() {
    authorized = null;
  }

  /// Takes no more calls; those that are on their way, and watches, end within `grace`.
  void retire(Duration grace) {
    channel.shutdown();
    CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
        .execute(channel::shutdownNow);
  }

  void close() {
    channel.shutdownNow();
  }

  private Channel authorized() {
    Channel known = authorized;
    if (known != null) {
      return known;
    }
    Metadata headers = new Metadata();
    headers.put(HAS_LEADER, "true");
    EtcdOptions.Login login = options.login();
    if (login != null) {
      headers.put(TOKEN, token(login));
    }
    Channel made =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    authorized = made;
    return made;
  }

  private String token(EtcdOptions.Login login) {
    AuthenticateRequest request =
        AuthenticateRequest.newBuilder()
            .setName(login.user())
            .setPassword(login.password())
            .build();
    CallOptions call =
        CallOptions.DEFAULT.withDeadlineAfter(
            options.callTimeout().toNanos(), TimeUnit.NANOSECONDS);
    return ClientCalls.blockingUnaryCall(channel, AuthGrpc.getAuthenticateMethod(), call, request)
        .getToken();
  }

  private static ManagedChannel channel(EtcdOptions options, URI endpoint) {
    int port = endpoint.getPort() < 0 ? PORT : endpoint.getPort();
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(endpoint.getHost(), port)
            .directExecutor()
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .withOption(
                ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) options.callTimeout().toMillis())
            .keepAliveTime(PING_EVERY.toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(PING_ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveWithoutCalls(true);
    EtcdOptions.Tls tls = options.tls();
    if (tls == null || !"https".equals(endpoint.getScheme())) {
      return builder.usePlaintext().build();
    }
    try {
      SslContextBuilder ssl = GrpcSslContexts.forClient().trustManager(tls.authorities().toFile());
      if (tls.certificate() != null && tls.key() != null) {
        ssl.keyManager(tls.certificate().toFile(), tls.key().toFile());
      }
      return builder.sslContext(ssl.build()).build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new StorageException(
          StorageException.Reason.UNAVAILABLE,
          "cannot use the certificates for " + endpoint + ": " + e.getMessage(),
          e);
    }
  }

  /// Whether a call got as far as a live connection. If not, it surely had no effect.
  static final class Sent extends ClientStreamTracer.Factory {
    private volatile boolean sent;

    boolean sent() {
      return sent;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void streamCreated(Attributes transport, Metadata streamHeaders) {
          sent = true;
        }
      };
    }
  }
}
