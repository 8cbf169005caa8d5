package dev.otherix.apiserver.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// Gives a new connection the handlers for what it speaks.
final class ConnectionSetup extends ChannelInitializer<Channel> {
  static final String TLS = "tls";
  private static final String HTTP1 = "http1";
  private static final int CHUNK_BYTES = 64 * 1024;

  /// More requests than one read of a socket can hold; we read no more while one is answered.
  private static final int PIPELINED_MAX = 8_192;

  private static final int RESETS_SECONDS = 10;
  private static final long GOODBYE_MILLIS = 2_000;

  private static final System.Logger LOG = System.getLogger(ConnectionSetup.class.getName());

  private final ServerParts parts;
  private final @Nullable ReloadableTls tls;

  ConnectionSetup(ServerParts parts, @Nullable ReloadableTls tls) {
    this.parts = parts;
    this.tls = tls;
  }

  @Override
  protected void initChannel(Channel channel) {
    if (!parts.connections().tryAdd(channel)) {
      Wire.close(channel);
      return;
    }
    if (tls == null) {
      Deadline silence = new Deadline(channel.eventLoop(), () -> Wire.close(channel));
      silence.set(parts.limits().times().header());
      Wire.then(channel.closeFuture(), closed -> silence.cancel());
      channel.pipeline().addLast(new PrefaceSniffer(this, silence));
      return;
    }
    SslHandler handler = tls.newHandler(channel.alloc());
    handler.setHandshakeTimeoutMillis(parts.limits().times().handshake().toMillis());
    Wire.then(handler.handshakeFuture(), shaken -> countFailure(channel, shaken.cause()));
    channel.pipeline().addLast(TLS, handler).addLast(new Negotiation());
  }

  private void countFailure(Channel channel, @Nullable Throwable cause) {
    if (cause != null) {
      parts.counters().handshakeFailures.increment();
      LOG.log(Level.DEBUG, () -> "TLS handshake failed peer=" + address(channel) + " " + cause);
    }
  }

  private final class Negotiation extends ApplicationProtocolNegotiationHandler {
    Negotiation() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        speakHttp2(ctx.channel());
      } else {
        speakHttp1(ctx.channel());
      }
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
      Wire.close(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      logBroken(ctx, cause);
      Wire.close(ctx);
    }
  }

  void speakHttp1(Channel channel) {
    HttpLimits.Sizes sizes = parts.limits().sizes();
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(sizes.uriBytesMax())
            .setMaxHeaderSize(sizes.headerBytesMax())
            .setMaxChunkSize(CHUNK_BYTES);
    ChannelPipeline pipeline = channel.pipeline();
    Peer peer = peer(channel);
    ByteWatch watch = new ByteWatch();
    pipeline.addLast(watch, new HttpServerCodec(config, PIPELINED_MAX));
    ChannelHandlerContext codec = pipeline.lastContext();
    Http1Connection connection = new Http1Connection(parts, peer, codec);
    watch.connection = connection;
    pipeline.addLast(HTTP1, connection);
    connection.begin();
  }

  /// Sees bytes before they are a request.
  private static final class ByteWatch extends ChannelInboundHandlerAdapter {
    private @Nullable Http1Connection connection;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (connection != null) {
        connection.bytesCame();
      }
      ctx.fireChannelRead(message);
    }
  }

  void speakHttp2(Channel channel) {
    HttpLimits limits = parts.limits();
    Http2Settings settings =
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(limits.counts().streamsMax())
            // Twice: what is a little too large gets a Status, not the codec's bare 431.
            .maxHeaderListSize(2L * limits.sizes().headerBytesMax());
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(
        Http2FrameCodecBuilder.forServer()
            .initialSettings(settings)
            .gracefulShutdownTimeoutMillis(GOODBYE_MILLIS)
            .decoderEnforceMaxRstFramesPerWindow(limits.counts().resetsMax(), RESETS_SECONDS)
            .build());
    ChannelHandlerContext codec = pipeline.lastContext();
    Http2Connection connection = new Http2Connection(parts, peer(channel), codec);
    pipeline.addLast(
        new Http2MultiplexHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                begin(stream, connection);
              }
            }));
    pipeline.addLast(connection);
    connection.begin();
  }

  private void begin(Channel channel, Http2Connection connection) {
    ChannelHandlerContext head = channel.pipeline().firstContext();
    Http2Stream stream = new Http2Stream(parts, connection, head);
    channel.pipeline().addLast(stream);
    stream.begin();
  }

  private static Peer peer(Channel channel) {
    if (channel instanceof EpollDomainSocketChannel unix) {
      try {
        PeerCredentials credentials = unix.peerCredentials();
        return new Peer(
            "unix",
            List.of(),
            new Peer.UnixCredentials(credentials.pid(), credentials.uid(), gid(credentials)));
      } catch (IOException e) {
        throw new UncheckedIOException("the kernel does not tell who connected", e);
      }
    }
    SslHandler tls = (SslHandler) channel.pipeline().get(TLS);
    return new Peer(address(channel), tls == null ? List.of() : certificates(tls), null);
  }

  private static int gid(PeerCredentials credentials) {
    int[] groups = credentials.gids();
    return groups.length == 0 ? -1 : groups[0];
  }

  private static List<X509Certificate> certificates(SslHandler tls) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (Certificate each : tls.engine().getSession().getPeerCertificates()) {
        chain.add((X509Certificate) each);
      }
    } catch (SSLPeerUnverifiedException e) {
      return List.of();
    }
    return chain;
  }

  private static String address(Channel channel) {
    if (channel.remoteAddress() instanceof InetSocketAddress remote) {
      return remote.getAddress().getHostAddress() + ":" + remote.getPort();
    }
    return "unix";
  }

  static void logBroken(ChannelHandlerContext ctx, Throwable cause) {
    LOG.log(Level.DEBUG, () -> "connection broke peer=" + address(ctx.channel()) + " " + cause);
  }
}
