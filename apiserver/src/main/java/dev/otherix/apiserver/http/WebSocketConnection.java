package dev.otherix.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;

/// A connection that became a WebSocket: one frame per message, a close frame at the end. What the
/// client sends goes to a stream of bytes; others only hear its pings and its end.
///
/// Of a stream of bytes nobody can tell whether it is quiet or its client gone, so the client is
/// pinged, and the connection closed when it says nothing for long.
final class WebSocketConnection extends ChannelInboundHandlerAdapter implements Connection, Outlet {
  /// How long the client may take to answer our close frame.
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

  private final Exchange exchange;
  private final Channel channel;
  private final ServerParts parts;
  private final Deadline closing;
  private final Deadline ping;
  private final boolean bytes;
  private boolean closeSent;

  /// Whether the client said anything since the last ping.
  private boolean heard = true;

  WebSocketConnection(Exchange exchange, Channel channel, ServerParts parts, boolean bytes) {
    this.exchange = exchange;
    this.channel = channel;
    this.parts = parts;
    this.bytes = bytes;
    this.closing = new Deadline(channel.eventLoop(), () -> Wire.close(channel));
    this.ping = new Deadline(channel.eventLoop(), this::ping);
  }

  /// Once it is in the pipeline.
  Outlet begin() {
    parts.connections().speaks(channel, this);
    if (bytes) {
      exchange.openInput(() -> channel.config().setAutoRead(true));
      ping.set(pingEvery());
    }
    return this;
  }

  private Duration pingEvery() {
    return parts.limits().times().stall().dividedBy(2);
  }

  private void ping() {
    // Who is not read cannot be heard.
    if (!heard && channel.config().isAutoRead()) {
      exchange.cancel();
      Wire.close(channel);
      return;
    }
    heard = false;
    Wire.writeAndFlush(channel, new PingWebSocketFrame());
    ping.set(pingEvery());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    heard = true;
    switch (message) {
      case BinaryWebSocketFrame data -> receive(data);
      case TextWebSocketFrame data -> receive(data);
      case ContinuationWebSocketFrame data -> receive(data);
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

  private void receive(WebSocketFrame data) {
    try {
      byte[] part = new byte[data.content().readableBytes()];
      data.content().readBytes(part);
      if (bytes && !closeSent && part.length > 0 && !exchange.receive(part)) {
        channel.config().setAutoRead(false);
      }
    } finally {
      data.release();
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
    ping.cancel();
    exchange.cancel();
  }

  @Override
  public void head(int status, Headers headers, long length, boolean bodyFollows) {
    throw new IllegalStateException("a WebSocket has had its head");
  }

  @Override
  public Outlet streamHead(int status, Headers headers, boolean bytes) {
    throw new IllegalStateException("a WebSocket has had its head");
  }

  @Override
  public void data(ByteBuf data, boolean last) {
    if (closeSent) {
      data.release();
      return;
    }
    if (data.isReadable()) {
      Wire.write(channel, bytes ? new BinaryWebSocketFrame(data) : new TextWebSocketFrame(data));
    } else {
      data.release();
    }
    if (last) {
      closeSent = true;
      Wire.write(channel, new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
      ping.cancel();
      channel.config().setAutoRead(true);
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
