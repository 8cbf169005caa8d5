package dev.otherix.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;

/// A connection that became a WebSocket: one text frame per message, a close frame at the end. What
/// the client sends is only heard for pings and its end.
final class WebSocketConnection extends ChannelInboundHandlerAdapter implements Connection, Outlet {
  /// How long the client may take to answer our close frame.
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

  private final Exchange exchange;
  private final Channel channel;
  private final ServerParts parts;
  private final Deadline closing;
  private boolean closeSent;

  WebSocketConnection(Exchange exchange, Channel channel, ServerParts parts) {
    this.exchange = exchange;
    this.channel = channel;
    this.parts = parts;
    this.closing = new Deadline(channel.eventLoop(), () -> Wire.close(channel));
  }

  /// Once it is in the pipeline.
  Outlet begin() {
    parts.connections().speaks(channel, this);
    return this;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    switch (message) {
      case PingWebSocketFrame ping when !closeSent ->
          Wire.writeAndFlush(ctx, new PongWebSocketFrame(ping.content()));
      case CloseWebSocketFrame close -> {
        exchange.cancel();
        if (closeSent) {
          close.release();
          Wire.close(ctx);
        } else {
          closeSent = true;
          Wire.writeAndClose(ctx, close);
        }
      }
      default -> ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      exchange.writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    cancel();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ConnectionSetup.logBroken(ctx, cause);
    exchange.cancel();
    if (cause instanceof CorruptedWebSocketFrameException corrupted && !closeSent) {
      closeSent = true;
      Wire.writeAndClose(ctx, new CloseWebSocketFrame(corrupted.closeStatus()));
    } else {
      Wire.close(ctx);
    }
  }

  @Override
  public void drain() {
    exchange.drain();
  }

  @Override
  public void cancel() {
    closing.cancel();
    exchange.cancel();
  }

  @Override
  public void head(int status, Headers headers, long length, boolean bodyFollows) {
    throw new IllegalStateException("a WebSocket has had its head");
  }

  @Override
  public Outlet streamHead(int status, Headers headers) {
    throw new IllegalStateException("a WebSocket has had its head");
  }

  @Override
  public void data(ByteBuf data, boolean last) {
    if (closeSent) {
      data.release();
      return;
    }
    if (data.isReadable()) {
      Wire.write(channel, new TextWebSocketFrame(data));
    } else {
      data.release();
    }
    if (last) {
      closeSent = true;
      Wire.write(channel, new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
      closing.set(CLOSE_WAIT);
    }
  }

  @Override
  public boolean framed() {
    return true;
  }

  @Override
  public boolean writable() {
    return channel.isWritable();
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public void abort() {
    Wire.close(channel);
  }

  @Override
  public ByteBufAllocator allocator() {
    return channel.alloc();
  }
}
