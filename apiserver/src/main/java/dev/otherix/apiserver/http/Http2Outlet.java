package dev.otherix.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/// An answer over one HTTP/2 stream.
final class Http2Outlet implements Outlet {
  private static final int NO_CONTENT = 204;

  private final ChannelHandlerContext ctx;
  private final ServerParts parts;
  private @Nullable ChannelFuture lastWrite;

  Http2Outlet(ChannelHandlerContext ctx, ServerParts parts) {
    this.ctx = ctx;
    this.parts = parts;
  }

  @Override
  public void head(int status, Headers headers, long length, boolean bodyFollows) {
    Http2Headers out = new DefaultHttp2Headers();
    out.status(Integer.toString(status));
    headers.forEach(out::add);
    if (length >= 0 && status != NO_CONTENT) {
      out.set("content-length", Long.toString(length));
    }
    out.set("date", parts.date().now());
    out.set(BrowserRules.TYPE_OPTIONS, BrowserRules.NO_GUESSING);
    if (!out.contains(BrowserRules.POLICY)) {
      out.set(BrowserRules.POLICY, BrowserRules.NOTHING);
    }
    lastWrite = ctx.write(new DefaultHttp2HeadersFrame(out, !bodyFollows));
  }

  @Override
  public Outlet streamHead(int status, Headers headers) {
    head(status, headers, -1, true);
    return this;
  }

  @Override
  public void data(ByteBuf data, boolean last) {
    lastWrite = ctx.write(new DefaultHttp2DataFrame(data, last));
  }

  /// Tells a client that still sends to stop, once it has the answer, which is good (RFC 9113,
  /// 8.1). A reset before that would take the answer back.
  void stopSender() {
    if (lastWrite != null) {
      Wire.then(
          lastWrite,
          written -> Wire.writeAndFlush(ctx, new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)));
    }
  }

  @Override
  public boolean framed() {
    return false;
  }

  @Override
  public boolean writable() {
    return ctx.channel().isWritable();
  }

  @Override
  public void flush() {
    ctx.flush();
  }

  @Override
  public void abort() {
    Wire.writeAndFlush(ctx, new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
  }

  @Override
  public ByteBufAllocator allocator() {
    return ctx.alloc();
  }
}
