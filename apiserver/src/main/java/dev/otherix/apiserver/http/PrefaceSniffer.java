package dev.otherix.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;

/// Tells on a connection without TLS whether the client speaks HTTP/2 from its first byte on, as
/// one that knows us may (RFC 9113, 3.3).
final class PrefaceSniffer extends ByteToMessageDecoder {
  private static final ByteBuf PREFACE =
      Unpooled.unreleasableBuffer(Http2CodecUtil.connectionPrefaceBuf()).asReadOnly();

  private final ConnectionSetup setup;
  private final Deadline silence;

  PrefaceSniffer(ConnectionSetup setup, Deadline silence) {
    this.setup = setup;
    this.silence = silence;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int length = Math.min(in.readableBytes(), PREFACE.readableBytes());
    boolean like = ByteBufUtil.equals(PREFACE, PREFACE.readerIndex(), in, in.readerIndex(), length);
    if (like && length < PREFACE.readableBytes()) {
      return;
    }
    silence.cancel();
    if (like) {
      setup.speakHttp2(ctx.channel());
    } else {
      setup.speakHttp1(ctx.channel());
    }
    ctx.pipeline().remove(this);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    silence.cancel();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ConnectionSetup.logBroken(ctx, cause);
    Wire.close(ctx);
  }
}
