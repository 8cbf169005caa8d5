package dev.otherix.apiserver.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A server: takes connections, hands requests to a [Handler], writes answers. Thread-safe.
public final class HttpServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HttpServer.class.getName());

  /// Connections that the kernel holds until we take them.
  private static final int BACKLOG = 1_024;

  /// How much of its answers a connection holds when the reader does not keep up.
  private static final WriteBufferWaterMark WRITE_BUFFER =
      new WriteBufferWaterMark(64 * 1024, 128 * 1024);

  private static final Duration STOP_WAIT = Duration.ofSeconds(5);

  private final ServerParts parts;
  private final Transport transport;
  private final ByteBufAllocator allocator;
  private final Map<Transport, EventLoopGroup> loops = new EnumMap<>(Transport.class);
  private final List<Channel> listening = new ArrayList<>();
  private final List<UnixSocketFile> socketFiles = new ArrayList<>();
  private final List<SocketAddress> addresses = new ArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private HttpServer(
      HttpOptions options, Handler handler, Transport transport, ByteBufAllocator allocator) {
    Counters counters = new Counters();
    HttpLimits limits = options.limits();
    this.transport = transport;
    this.allocator = allocator;
    this.parts =
        new ServerParts(
            handler,
            limits,
            counters,
            new Connections(counters, limits.counts().connectionsMax()),
            new DateHeader(options.clock()));
  }

  private EventLoopGroup loops(Transport transport) {
    return loops.computeIfAbsent(
        transport,
        missing -> {
          int wanted = parts.limits().counts().eventLoops();
          int count = wanted > 0 ? wanted : Runtime.getRuntime().availableProcessors();
          return new MultiThreadIoEventLoopGroup(
              count, new DefaultThreadFactory("http", true), missing.io());
        });
  }

  /// Returns when it listens everywhere.
  ///
  /// @throws IOException when an address cannot be had; nothing is left listening then
  public static HttpServer start(HttpOptions options, Handler handler) throws IOException {
    return start(options, handler, Transport.best(), ByteBufAllocator.DEFAULT);
  }

  static HttpServer start(
      HttpOptions options, Handler handler, Transport transport, ByteBufAllocator allocator)
      throws IOException {
    HttpServer server = new HttpServer(options, handler, transport, allocator);
    boolean started = false;
    try {
      for (Listener listener : options.listeners()) {
        server.listen(listener);
      }
      started = true;
    } finally {
      if (!started) {
        server.close();
      }
    }
    return server;
  }

  private void listen(Listener listener) throws IOException {
    switch (listener) {
      case Listener.Tcp tcp -> {
        Channel channel = bind(transport, true, tcp.address(), tcp.tls());
        addresses.add(channel.localAddress());
      }
      case Listener.Unix unix -> {
        UnixSocketFile file = new UnixSocketFile(unix);
        file.clear();
        Channel channel = bind(transport, false, transport.unixAddress(unix.path()), null);
        socketFiles.add(file);
        file.applyMode();
        addresses.add(UnixDomainSocketAddress.of(unix.path()));
        LOG.log(Level.DEBUG, "unix socket bound channel={0}", channel);
      }
    }
    LOG.log(Level.INFO, "listening address={0}", addresses.getLast());
  }

  private Channel bind(
      Transport transport, boolean tcp, SocketAddress address, @Nullable ReloadableTls tls)
      throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops(transport))
            .channel(tcp ? transport.tcp() : transport.unix())
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_BUFFER)
            .childHandler(new ConnectionSetup(parts, tls))
            .option(ChannelOption.SO_BACKLOG, BACKLOG);
    if (tcp) {
      bootstrap
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.TCP_NODELAY, true)
          .childOption(ChannelOption.SO_KEEPALIVE, true);
    }
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    Throwable cause = bound.cause();
    if (cause != null) {
      throw new IOException("cannot listen on " + address + ": " + cause.getMessage(), cause);
    }
    listening.add(bound.channel());
    return bound.channel();
  }

  /// Where it listens, in the order of the listeners.
  public List<SocketAddress> addresses() {
    return List.copyOf(addresses);
  }

  public ServerStats stats() {
    return parts.counters().stats();
  }

  /// Takes no more connections and requests, lets those that are there end, and closes: at the
  /// latest after `atMost`.
  ///
  /// @return whether all ended by themselves
  public boolean drain(Duration atMost) throws InterruptedException {
    stopListening();
    parts.connections().drain();
    boolean ended = parts.connections().awaitEmpty(atMost);
    close();
    return ended;
  }

  /// Ends everything: requests are cancelled.
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stopListening();
    parts.connections().cancel();
    try {
      parts.connections().awaitEmpty(STOP_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (EventLoopGroup each : loops.values()) {
      each.shutdownGracefully(0, STOP_WAIT.toMillis(), TimeUnit.MILLISECONDS)
          .awaitUninterruptibly(STOP_WAIT.toMillis());
    }
    LOG.log(Level.INFO, "closed addresses={0}", addresses);
  }

  private void stopListening() {
    for (Channel each : listening) {
      each.close().awaitUninterruptibly();
    }
    for (UnixSocketFile each : socketFiles) {
      try {
        each.remove();
      } catch (IOException e) {
        LOG.log(Level.WARNING, "a socket file is left behind", e);
      }
    }
    socketFiles.clear();
  }
}
