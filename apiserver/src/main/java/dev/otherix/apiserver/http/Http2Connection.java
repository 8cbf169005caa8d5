package dev.otherix.apiserver.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One HTTP/2 connection: knows its streams, and ends when it has had none for too long.
final class Http2Connection extends ChannelInboundHandlerAdapter implements Connection {
  private final ServerParts parts;
  private final ChannelHandlerContext ctx;
  private final Deadline idle;
  private final Set<Http2Stream> streams = new HashSet<>();
  private final Peer peer;
  private boolean draining;

  Http2Connection(ServerParts parts, Peer peer, ChannelHandlerContext ctx) {
    this.parts = parts;
    this.peer = peer;
    this.ctx = ctx;
    this.idle = new Deadline(ctx.executor(), this::leave);
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
    if (draining) {
      Wire.close(ctx.channel());
    } else if (ctx.channel().isActive()) {
      idle.set(parts.limits().times().idle());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    // Settings, pings and the like: the codec has dealt with them.
    ReferenceCountUtil.release(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    idle.cancel();
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

  @Override
  public void drain() {
    if (draining) {
      return;
    }
    draining = true;
    if (streams.isEmpty()) {
      Wire.close(ctx.channel());
      return;
    }
    Wire.writeAndFlush(ctx.channel(), new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    List.copyOf(streams).forEach(Http2Stream::drain);
  }

  @Override
  public void cancel() {
    idle.cancel();
    List.copyOf(streams).forEach(Http2Stream::cancel);
  }
}
