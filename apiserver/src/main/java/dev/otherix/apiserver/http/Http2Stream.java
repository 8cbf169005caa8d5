package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.status.Status;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One stream of an HTTP/2 connection: one request and its answer.
final class Http2Stream extends ChannelInboundHandlerAdapter {
  private final ServerParts parts;
  private final Http2Connection connection;
  private final Deadline bodyDeadline;
  private final Http2Outlet outlet;
  private final Exchange exchange;
  private @Nullable Http2Headers head;
  private @Nullable BodyBuffer body;
  private @Nullable Target target;
  private boolean ended;
  private boolean answering;

  Http2Stream(ServerParts parts, Http2Connection connection, ChannelHandlerContext ctx) {
    this.parts = parts;
    this.connection = connection;

    this.bodyDeadline = new Deadline(ctx.executor(), () -> refuse(Failures.tooSlow("body")));
    this.outlet = new Http2Outlet(ctx, parts);
    this.exchange = new Exchange(parts, ctx.executor(), outlet, this::answered);
  }

  /// Begins, once it is in the pipeline.
  void begin() {
    connection.opened(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (answering) {
        return;
      }
      switch (message) {
        case Http2HeadersFrame headers when head == null -> begin(headers);
        case Http2HeadersFrame trailers -> {
          if (trailers.isEndStream()) {
            handle();
          }
        }
        case Http2DataFrame data -> more(data);
        default -> {}
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(Http2HeadersFrame frame) {
    Http2Headers headers = frame.headers();
    ended = frame.isEndStream();
    Status problem = problem(headers);
    if (problem != null) {
      refuse(problem);
      return;
    }
    head = headers;
    body = new BodyBuffer(parts, announced(headers.get("content-length")));
    if (frame.isEndStream()) {
      handle();
    } else {
      bodyDeadline.set(parts.limits().times().body());
    }
  }

  private @Nullable Status problem(Http2Headers headers) {
    HttpLimits.Sizes sizes = parts.limits().sizes();
    CharSequence path = headers.path();
    CharSequence method = headers.method();
    if (path == null || method == null) {
      return Failures.malformed("it needs :method and :path");
    }
    if (path.length() > sizes.uriBytesMax()) {
      return Failures.uriTooLong(sizes.uriBytesMax());
    }
    long bytes = 0;
    for (Map.Entry<CharSequence, CharSequence> each : headers) {
      bytes += each.getKey().length() + each.getValue().length() + 4;
    }
    if (bytes > sizes.headerBytesMax()) {
      return Failures.headerTooLarge(sizes.headerBytesMax());
    }
    target = Target.parse(path.toString());
    if (target == null) {
      return Failures.malformed("its :path is not a path");
    }
    if (announced(headers.get("content-length")) > sizes.bodyBytesMax()) {
      return Failures.bodyTooLarge(sizes.bodyBytesMax());
    }
    return null;
  }

  private static long announced(@Nullable CharSequence length) {
    if (length == null) {
      return -1;
    }
    try {
      return Long.parseLong(length.toString());
    } catch (NumberFormatException e) {
      // Longer than any number, or none: the codec compares it with what comes.
      return -1;
    }
  }

  private void more(Http2DataFrame data) {
    if (body == null) {
      return;
    }
    ended = data.isEndStream();
    Status problem = body.add(data.content());
    if (problem != null) {
      refuse(problem);
    } else if (data.isEndStream()) {
      handle();
    }
  }

  private void handle() {
    Http2Headers headers = head;
    BodyBuffer filled = body;
    Target what = target;
    if (headers == null || filled == null || what == null) {
      throw new IllegalStateException("a request without a head");
    }
    bodyDeadline.cancel();
    body = null;
    answering = true;
    parts.counters().http2Requests.increment();
    exchange.start(
        new Request(
            String.valueOf(headers.method()),
            what.path(),
            what.query(),
            headersOf(headers),
            filled.finish(),
            connection.peer(),
            false,
            false));
  }

  private static Headers headersOf(Http2Headers headers) {
    List<String> namesAndValues = new ArrayList<>(headers.size() * 2);
    for (Map.Entry<CharSequence, CharSequence> each : headers) {
      String name = each.getKey().toString();
      if (!name.startsWith(":")) {
        namesAndValues.add(name);
        namesAndValues.add(each.getValue().toString());
      } else if (name.equals(":authority")) {
        namesAndValues.add("host");
        namesAndValues.add(each.getValue().toString());
      }
    }
    return Headers.of(namesAndValues);
  }

  private void refuse(Status status) {
    answering = true;
    letGoOfBody();
    exchange.fail(status);
    if (!ended) {
      outlet.stopSender();
    }
  }

  private void letGoOfBody() {
    bodyDeadline.cancel();
    if (body != null) {
      body.release();
      body = null;
    }
  }

  private void answered() {
    // The stream closes by itself: both sides have ended it.
  }

  void drain() {
    exchange.drain();
  }

  void cancel() {
    letGoOfBody();
    exchange.cancel();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      exchange.writable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof Http2ResetFrame) {
      cancel();
    }
    ReferenceCountUtil.release(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    cancel();
    connection.closed(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ConnectionSetup.logBroken(context, cause);
    Wire.close(context);
  }
}
