package dev.otherix.apiserver.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One HTTP/2 connection: knows its streams, and ends when it has had none for too long.
final class Http2Connection extends ChannelInboundHandlerAdapter implements Connection {
  /// Long enough for the way to a client and back, if it is still there.
  private static final Duration GRACE = Duration.ofSeconds(1);

  /// Marks the ping that asks whether the client has heard that the server drains.
  private static final long DRAIN_PING = 0x6f74_6865_7269_7801L;

  private final ServerParts parts;
  private final ChannelHandlerContext ctx;
  private final Deadline idle;
  private final Set<Http2Stream> streams = new HashSet<>();
  private final Peer peer;
  private final Deadline grace;
  private boolean draining;

  /// Whether the client knows which stream is the last that is served.
  private boolean lastNamed;

  Http2Connection(ServerParts parts, Peer peer, ChannelHandlerContext ctx) {
    this.parts = parts;
    this.peer = peer;
    this.ctx = ctx;
    this.idle = new Deadline(ctx.executor(), this::leave);
    this.grace = new Deadline(ctx.executor(), this::nameLast);
  }

  /// Begins, once it is in the pipeline.
  void begin() {
    idle.set(parts.limits().times().header());
    parts.connections().speaks(ctx.channel(), this);
  }

  /// Nobody asked for anything for long. The client hears that a new connection will be welcome.
  private void leave() {
    Wire.writeAndClose(ctx.channel(), new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
  }

  Peer peer() {
    return peer;
  }

  void opened(Http2Stream stream) {
    streams.add(stream);
    idle.clear();
    if (draining) {
      stream.drain();
    }
  }

  void closed(Http2Stream stream) {
    streams.remove(stream);
    if (!streams.isEmpty()) {
      return;
    }
    if (lastNamed) {
      Wire.close(ctx.channel());
    } else if (draining) {
      idle.clear();
    } else if (ctx.channel().isActive()) {
      idle.set(parts.limits().times().idle());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    boolean heard =
        message instanceof Http2PingFrame ping && ping.ack() && ping.content() == DRAIN_PING;
    // The codec has dealt with settings, other pings and the like.
    ReferenceCountUtil.release(message);
    if (heard) {
      nameLast();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    idle.cancel();
    grace.cancel();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ConnectionSetup.logBroken(context, cause);
    if (cause instanceof Http2Exception broken) {
      Wire.writeAndClose(ctx.channel(), new DefaultHttp2GoAwayFrame(broken.error()));
    } else {
      Wire.close(context);
    }
  }

  /// Says goodbye in two steps, as RFC 9113 has it: what the client sent before it heard the first
  /// is still served, and only the second names the last stream.
  @Override
  public void drain() {
    if (draining) {
      return;
    }
    draining = true;
    idle.clear();
    DefaultHttp2GoAwayFrame soon = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
    soon.setExtraStreamIds(Integer.MAX_VALUE);
    Wire.write(ctx.channel(), soon);
    Wire.writeAndFlush(ctx.channel(), new DefaultHttp2PingFrame(DRAIN_PING));
    grace.set(GRACE);
    List.copyOf(streams).forEach(Http2Stream::drain);
  }

  private void nameLast() {
    if (lastNamed || !draining) {
      return;
    }
    lastNamed = true;
    grace.cancel();
    DefaultHttp2GoAwayFrame last = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
    if (streams.isEmpty()) {
      Wire.writeAndClose(ctx.channel(), last);
    } else {
      Wire.writeAndFlush(ctx.channel(), last);
    }
  }

  @Override
  public void cancel() {
    idle.cancel();
    grace.cancel();
    List.copyOf(streams).forEach(Http2Stream::cancel);
  }
}
