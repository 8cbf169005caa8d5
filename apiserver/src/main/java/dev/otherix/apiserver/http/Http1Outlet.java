package dev.otherix.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/// An answer over HTTP/1.
final class Http1Outlet implements Outlet {
  private static final int NO_CONTENT = 204;

  private final Http1Connection connection;
  private final ChannelHandlerContext ctx;
  private final HttpVersion version;
  private final ServerParts parts;
  private final @Nullable WebSocketUpgrade upgrade;
  private @Nullable Exchange exchange;

  /// @param upgrade when the client asked to go on as a WebSocket
  Http1Outlet(
      Http1Connection connection,
      ChannelHandlerContext ctx,
      HttpVersion version,
      ServerParts parts,
      @Nullable WebSocketUpgrade upgrade) {
    this.connection = connection;
    this.ctx = ctx;
    this.version = version;
    this.parts = parts;
    this.upgrade = upgrade;
  }

  /// To be called before the exchange starts.
  void carries(Exchange exchange) {
    this.exchange = exchange;
  }

  @Override
  public void head(int status, Headers headers, long length, boolean bodyFollows) {
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    HttpHeaders out = response.headers();
    headers.forEach(out::add);
    boolean modern = version.minorVersion() >= 1;
    if (length >= 0) {
      if (status != NO_CONTENT) {
        out.set(HttpHeaderNames.CONTENT_LENGTH, Long.toString(length));
      }
    } else if (modern) {
      out.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else if (bodyFollows) {
      connection.closeAfterAnswer();
    }
    out.set(HttpHeaderNames.DATE, parts.date().now());
    out.set(BrowserRules.TYPE_OPTIONS, BrowserRules.NO_GUESSING);
    if (!out.contains(BrowserRules.POLICY)) {
      out.set(BrowserRules.POLICY, BrowserRules.NOTHING);
    }
    if (!connection.keepAlive()) {
      out.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (!modern) {
      out.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    write(response);
    if (!bodyFollows) {
      write(LastHttpContent.EMPTY_LAST_CONTENT);
    }
  }

  @Override
  public Outlet streamHead(int status, Headers headers) {
    Exchange carried = exchange;
    if (upgrade != null && carried != null) {
      parts.counters().webSockets.increment();
      connection.upgrade();
      return upgrade.accept(ctx, carried, headers, parts);
    }
    head(status, headers, -1, true);
    return this;
  }

  @Override
  public void data(ByteBuf data, boolean last) {
    if (last) {
      write(data.isReadable() ? new DefaultLastHttpContent(data) : emptied(data));
    } else {
      write(new DefaultHttpContent(data));
    }
  }

  private static LastHttpContent emptied(ByteBuf data) {
    data.release();
    return LastHttpContent.EMPTY_LAST_CONTENT;
  }

  private void write(Object message) {
    Wire.write(ctx, message);
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
    connection.flush();
  }

  @Override
  public void abort() {
    Wire.close(ctx.channel());
  }

  @Override
  public ByteBufAllocator allocator() {
    return ctx.alloc();
  }
}
