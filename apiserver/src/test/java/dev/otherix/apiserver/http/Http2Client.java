package dev.otherix.apiserver.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// An HTTP/2 client without TLS that shows frames, and can be slow or rude.
final class Http2Client implements AutoCloseable {
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel channel;
  final CompletableFuture<Http2Settings> settings = new CompletableFuture<>();
  final CompletableFuture<Long> goAway = new CompletableFuture<>();

  /// The last stream that each goodbye named, in order.
  final List<Integer> lastStreams = new CopyOnWriteArrayList<>();

  private final boolean answersPings;

  Http2Client(int port) {
    this(port, true);
  }

  Http2Client(int port, boolean answersPings) {
    this.answersPings = answersPings;
    try {
      this.channel =
          new Bootstrap()
              .group(loops)
              .channel(NioSocketChannel.class)
              .handler(new Setup())
              .connect(InetAddress.getLoopbackAddress(), port)
              .sync()
              .channel();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Setup extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel fresh) {
      Http2Settings ours =
          Http2Settings.defaultSettings().maxHeaderListSize(1 << 20).initialWindowSize(32 * 1024);
      fresh
          .pipeline()
          .addLast(
              Http2FrameCodecBuilder.forClient()
                  .initialSettings(ours)
                  .autoAckPingFrame(answersPings)
                  .encoderIgnoreMaxHeaderListSize(true)
                  .build())
          .addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()))
          .addLast(new Events());
    }
  }

  private final class Events extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof Http2SettingsFrame frame) {
        settings.complete(frame.settings());
      } else if (message instanceof Http2GoAwayFrame frame) {
        lastStreams.add(frame.lastStreamId());
        goAway.complete(frame.errorCode());
      }
      ReferenceCountUtil.release(message);
    }
  }

  /// One request and what came back so far.
  static final class Call extends ChannelInboundHandlerAdapter {
    final CompletableFuture<Http2Headers> head = new CompletableFuture<>();
    final CompletableFuture<String> body = new CompletableFuture<>();
    final AtomicLong received = new AtomicLong();
    final AtomicLong frames = new AtomicLong();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Http2StreamChannel stream;

    Call(Http2StreamChannelBootstrap bootstrap, boolean reading) {
      try {
        stream = bootstrap.handler(this).open().sync().getNow();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      stream.config().setAutoRead(reading);
    }

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      boolean last = false;
      if (message instanceof Http2HeadersFrame headers) {
        head.complete(headers.headers());
        last = headers.isEndStream();
      } else if (message instanceof Http2DataFrame data) {
        received.addAndGet(data.content().readableBytes());
        frames.incrementAndGet();
        byte[] part = new byte[data.content().readableBytes()];
        data.content().readBytes(part);
        bytes.writeBytes(part);
        last = data.isEndStream();
      }
      ReferenceCountUtil.release(message);
      if (last) {
        body.complete(bytes.toString(StandardCharsets.UTF_8));
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        RuntimeException e = new IllegalStateException("reset " + reset.errorCode());
        head.completeExceptionally(e);
        body.completeExceptionally(e);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      RuntimeException e = new IllegalStateException("the stream has closed");
      head.completeExceptionally(e);
      body.completeExceptionally(e);
    }

    void cancel() {
      stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL)).awaitUninterruptibly();
    }

    void read() {
      stream.config().setAutoRead(true);
    }

    int status() {
      return Integer.parseInt(String.valueOf(get(head).status()));
    }

    String text() {
      return get(body);
    }
  }

  Call send(String method, String path, String body) {
    return send(method, path, body, true, new DefaultHttp2Headers());
  }

  Call send(String method, String path, String body, boolean reading, Http2Headers more) {
    Call call = new Call(new Http2StreamChannelBootstrap(channel), reading);
    more.method(method).path(path).scheme("http").authority("x");
    Wire.write(call.stream, new DefaultHttp2HeadersFrame(more, body.isEmpty()));
    if (!body.isEmpty()) {
      Wire.write(
          call.stream,
          new DefaultHttp2DataFrame(Unpooled.copiedBuffer(body, StandardCharsets.UTF_8), true));
    }
    call.stream.flush();
    return call;
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(RunningServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
