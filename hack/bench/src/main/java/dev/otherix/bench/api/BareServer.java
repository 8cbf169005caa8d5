package dev.otherix.bench.api;

import dev.otherix.apiserver.pki.ClusterCa;
import dev.otherix.apiserver.pki.Credential;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// The yardstick: Netty, HTTP/2, TLS, and nothing behind it but the bytes to write. `/object` and
/// `/list` answer what was POSTed to them; `/watch` never ends and gets what is POSTed to
/// `/broadcast`.
final class BareServer {
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
  private volatile ByteBuf object = Unpooled.EMPTY_BUFFER;
  private volatile ByteBuf list = Unpooled.EMPTY_BUFFER;

  private record Watcher(Handler handler, ChannelHandlerContext context, int stream) {}

  public static void main(String[] arguments) throws Exception {
    ClusterCa ca =
        ClusterCa.openOrCreate(
            Files.createTempDirectory(Path.of(arguments[0]), "bare-ca"),
            InstantSource.system(),
            new SecureRandom());
    Credential credential = ca.issueServer("localhost", List.of("localhost", "127.0.0.1"));
    SslContext tls =
        SslContextBuilder.forServer(
                credential.key(), credential.chain().toArray(X509Certificate[]::new))
            .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
            .applicationProtocolConfig(alpn())
            .build();
    BareServer server = new BareServer();
    Channel channel =
        new ServerBootstrap()
            .group(new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory()))
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel made) {
                    made.pipeline().addLast(tls.newHandler(made.alloc()));
                    Frames frames = server.new Frames();
                    Handler handler = new Builder(frames).build();
                    frames.handler = handler;
                    made.pipeline().addLast(handler);
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    System.out.println("ready " + ((InetSocketAddress) channel.localAddress()).getPort());
    channel.closeFuture().sync();
  }

  static ApplicationProtocolConfig alpn() {
    return new ApplicationProtocolConfig(
        ApplicationProtocolConfig.Protocol.ALPN,
        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
        ApplicationProtocolNames.HTTP_2);
  }

  private final class Frames extends Http2FrameAdapter {
    private @Nullable Handler handler;
    private String path = "";
    private ByteBuf posted = Unpooled.buffer();

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
      path = String.valueOf(headers.path());
      if (end) {
        answer(context, id);
      } else {
        posted = Unpooled.buffer();
      }
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean end) {
      int bytes = data.readableBytes() + padding;
      posted.writeBytes(data);
      if (end) {
        take(context, id);
      }
      return bytes;
    }

    private void take(ChannelHandlerContext context, int id) {
      ByteBuf bytes = Unpooled.directBuffer(posted.readableBytes()).writeBytes(posted);
      switch (path) {
        case "/object" -> object = bytes;
        case "/list" -> list = bytes;
        case "/broadcast" -> broadcast(bytes);
        default -> throw new IllegalStateException("nothing at " + path);
      }
      write(context, id, Unpooled.wrappedBuffer("ok".getBytes(StandardCharsets.UTF_8)), true);
    }

    private void answer(ChannelHandlerContext context, int id) {
      switch (path) {
        case "/object" -> write(context, id, object.retainedDuplicate(), true);
        case "/list" -> write(context, id, list.retainedDuplicate(), true);
        case "/watch" -> {
          write(context, id, Unpooled.EMPTY_BUFFER, false);
          watchers.add(new Watcher(handler(), context, id));
        }
        default -> throw new IllegalStateException("nothing at " + path);
      }
    }

    private Handler handler() {
      if (handler == null) {
        throw new IllegalStateException("no handler yet");
      }
      return handler;
    }

    private void write(ChannelHandlerContext context, int id, ByteBuf body, boolean end) {
      Http2Headers headers =
          new DefaultHttp2Headers(false, 4).status("200").set("content-type", "application/json");
      if (end) {
        headers.set("content-length", Integer.toString(body.readableBytes()));
      }
      Handler to = handler();
      var _ = to.encoder().writeHeaders(context, id, headers, 0, false, context.newPromise());
      if (end) {
        var _ = to.encoder().writeData(context, id, body, 0, true, context.newPromise());
      }
      to.flush(context);
    }
  }

  private void broadcast(ByteBuf bytes) {
    for (Watcher each : watchers) {
      each.context
          .executor()
          .execute(() -> {
            var _ =
                each.handler
                    .encoder()
                    .writeData(
                        each.context,
                        each.stream,
                        bytes.retainedDuplicate(),
                        0,
                        false,
                        each.context.newPromise());
            each.handler.flush(each.context);
          });
    }
  }

  private static final class Handler extends Http2ConnectionHandler {
    Handler(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      super(decoder, encoder, settings);
    }
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Handler, Builder> {
    Builder(Frames frames) {
      server(true);
      frameListener(frames);
      initialSettings(Http2Settings.defaultSettings().maxConcurrentStreams(1000));
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
