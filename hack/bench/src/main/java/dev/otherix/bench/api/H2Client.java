package dev.otherix.bench.api;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A lean HTTP/2 client over TLS: the load must cost less than what it loads. Each connection
/// belongs to one event loop; replies are called there.
final class H2Client implements AutoCloseable {
  private static final int STREAM_WINDOW = 4 << 20;
  private static final int CONNECTION_WINDOW = 64 << 20;

  private final EventLoopGroup loops;
  private final List<Line> lines = new ArrayList<>();

  /// What comes back.
  interface Reply {
    void data(ByteBuf bytes);

    void end(int status);
  }

  H2Client(InetSocketAddress address, SslContext tls, int connections) throws Exception {
    this.loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    for (int i = 0; i < connections; i++) {
      Line line = new Line();
      Channel channel =
          new Bootstrap()
              .group(loops)
              .channel(EpollSocketChannel.class)
              .option(ChannelOption.TCP_NODELAY, true)
              .handler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                      made.pipeline().addLast(tls.newHandler(made.alloc()));
                      line.connection = new Builder(line).build();
                      made.pipeline().addLast(line.connection());
                    }
                  })
              .connect(address)
              .sync()
              .channel();
      line.channel = channel;
      line.ready.get();
      lines.add(line);
    }
  }

  int connections() {
    return lines.size();
  }

  /// Runs `task` on the loop of a connection.
  void execute(int connection, Runnable task) {
    lines.get(connection).channel().eventLoop().execute(task);
  }

  /// On the connection's loop only.
  void send(
      int connection,
      String method,
      String path,
      byte @Nullable [] body,
      String contentType,
      Reply reply) {
    Line line = lines.get(connection);
    Http2Headers headers =
        new DefaultHttp2Headers(false, 8)
            .method(method)
            .scheme("https")
            .authority("127.0.0.1")
            .path(path);
    if (body != null) {
      headers.set("content-type", contentType);
    }
    line.request(headers, body, reply);
  }

  @Override
  public void close() {
    for (Line line : lines) {
      line.channel().close().syncUninterruptibly();
    }
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static final class Line extends Http2FrameAdapter {
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private @Nullable Handler connection;
    private @Nullable Channel channel;
    private Http2Connection.@Nullable PropertyKey replies;

    Handler connection() {
      return Objects.requireNonNull(connection);
    }

    Channel channel() {
      return Objects.requireNonNull(channel);
    }

    void request(Http2Headers headers, byte @Nullable [] body, Reply reply) {
      Handler handler = connection();
      ChannelHandlerContext context = Objects.requireNonNull(handler.context);
      Http2Connection http = handler.connection();
      int id = http.local().incrementAndGetNextStreamId();
      var _ =
          handler
              .encoder()
              .writeHeaders(context, id, headers, 0, body == null, context.newPromise());
      Http2Stream stream = http.stream(id);
      if (stream == null) {
        throw new IllegalStateException("no stream " + id);
      }
      stream.setProperty(key(http), reply);
      if (body != null) {
        var _ =
            handler
                .encoder()
                .writeData(
                    context, id, Unpooled.wrappedBuffer(body), 0, true, context.newPromise());
      }
      handler.flush(context);
    }

    private Http2Connection.PropertyKey key(Http2Connection http) {
      if (replies == null) {
        replies = http.newKey();
      }
      return replies;
    }

    private @Nullable Reply reply(int id) {
      Http2Connection http = connection().connection();
      Http2Stream stream = http.stream(id);
      return stream == null ? null : stream.getProperty(key(http));
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) {
      ready.complete(true);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int id,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end) {
      Reply reply = reply(id);
      CharSequence status = headers.status();
      Http2Connection http = connection().connection();
      Http2Stream stream = http.stream(id);
      if (reply != null && stream != null && status != null) {
        stream.setProperty(statusKey(http), Integer.parseInt(status.toString()));
        if (end) {
          reply.end(Integer.parseInt(status.toString()));
        }
      }
    }

    private Http2Connection.@Nullable PropertyKey statuses;

    private Http2Connection.PropertyKey statusKey(Http2Connection http) {
      if (statuses == null) {
        statuses = http.newKey();
      }
      return statuses;
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean end) {
      Reply reply = reply(id);
      int bytes = data.readableBytes() + padding;
      if (reply != null) {
        reply.data(data);
        if (end) {
          Http2Connection http = connection().connection();
          Http2Stream stream = http.stream(id);
          Integer status = stream == null ? null : stream.getProperty(statusKey(http));
          reply.end(status == null ? 0 : status);
        }
      }
      return bytes;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int id, long code) {
      Reply reply = reply(id);
      if (reply != null) {
        reply.end(-1);
      }
    }
  }

  private static final class Handler extends Http2ConnectionHandler {
    private @Nullable ChannelHandlerContext context;

    Handler(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      super(decoder, encoder, settings);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
      context = added;
      super.handlerAdded(added);
    }

    @Override
    public void channelActive(ChannelHandlerContext active) throws Exception {
      super.channelActive(active);
      try {
        decoder()
            .flowController()
            .incrementWindowSize(connection().connectionStream(), CONNECTION_WINDOW);
      } catch (Http2Exception e) {
        throw new IllegalStateException("the window cannot grow", e);
      }
    }
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Handler, Builder> {
    Builder(Line line) {
      server(false);
      frameListener(line);
      // Watches never end by themselves: closing must not wait for them.
      gracefulShutdownTimeoutMillis(0);
      initialSettings(
          Http2Settings.defaultSettings()
              .pushEnabled(false)
              .initialWindowSize(STREAM_WINDOW)
              .maxFrameSize(1 << 16));
    }

    @Override
    protected Handler build() {
      return super.build();
    }

    @Override
    protected Handler build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Handler(decoder, encoder, settings);
    }
  }
}
