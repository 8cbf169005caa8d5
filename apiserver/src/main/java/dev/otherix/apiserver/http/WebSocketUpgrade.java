package dev.otherix.apiserver.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// A client's wish to go on as a WebSocket (RFC 6455).
///
/// @param protocol the sub-protocol that is agreed to; empty for none
record WebSocketUpgrade(String key, String protocol) {
  private static final String ACCEPT_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String VERSION = "13";

  /// Browsers cannot send an Authorization header and carry the token here. It is a secret: never
  /// sent back.
  private static final String BEARER = "base64url.bearer.authorization.k8s.io.";

  /// What a client may send in one frame.
  private static final int FRAME_BYTES_MAX = 64 * 1024;

  static @Nullable WebSocketUpgrade of(HttpRequest request) {
    HttpHeaders headers = request.headers();
    String key = headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    boolean asked =
        request.method().equals(HttpMethod.GET)
            && request.protocolVersion().minorVersion() >= 1
            && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
            && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
            && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION, true);
    if (!asked || key == null) {
      return null;
    }
    return new WebSocketUpgrade(key, protocolOf(headers));
  }

  /// A browser gives up unless one of those that it offered is chosen.
  private static String protocolOf(HttpHeaders headers) {
    for (String value : headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
      for (String each : value.split(",", -1)) {
        String protocol = each.strip();
        if (!protocol.isEmpty() && !protocol.startsWith(BEARER)) {
          return protocol;
        }
      }
    }
    return "";
  }

  /// Answers 101 and puts frames in the place of requests.
  ///
  /// @param ctx of the handler of requests, which leaves the pipeline
  /// @param bytes see [MessageStream#bytes]
  Outlet accept(
      ChannelHandlerContext ctx,
      Exchange exchange,
      Headers headers,
      ServerParts parts,
      boolean bytes) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    HttpHeaders out = response.headers();
    headers.forEach(out::add);
    out.remove(HttpHeaderNames.CONTENT_TYPE);
    out.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    out.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    out.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, acceptance());
    if (!protocol.isEmpty()) {
      out.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    Wire.write(ctx, response);
    ChannelPipeline pipeline = ctx.pipeline();
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(true)
            .allowExtensions(false)
            .maxFramePayloadLength(FRAME_BYTES_MAX)
            .build();
    WebSocketConnection connection =
        new WebSocketConnection(exchange, pipeline.firstContext().channel(), parts, bytes);
    pipeline.addLast(new WebSocket13FrameDecoder(config));
    pipeline.addLast(new WebSocket13FrameEncoder(false));
    pipeline.addLast(connection);
    pipeline.remove(ctx.handler());
    pipeline.remove(HttpServerCodec.class);
    return connection.begin();
  }

  private String acceptance() {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha1.digest((key + ACCEPT_SALT).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }
}
