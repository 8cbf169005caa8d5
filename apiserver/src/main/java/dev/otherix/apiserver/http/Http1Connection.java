package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.status.Status;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One HTTP/1 connection: requests one after the other, in the order in which they came.
final class Http1Connection extends ChannelInboundHandlerAdapter implements Connection {
  /// After an early refusal the client still sends: a close would destroy the answer under way.
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final ServerParts parts;
  private final Peer peer;
  private final ChannelHandlerContext ctx;
  private final Deadline deadline;

  // What a client sent behind the request that is being answered. At most what one read of the
  // socket held: nothing is read while this holds anything.
  private final Deque<Object> waiting = new ArrayDeque<>(4);
  private @Nullable HttpRequest head;
  private @Nullable BodyBuffer body;
  private @Nullable Exchange exchange;
  private @Nullable Target target;
  private boolean keepAlive = true;
  private boolean draining;
  private boolean closing;
  private boolean upgraded;
  private boolean inTurn;
  private boolean inRead;
  private boolean flushWanted;
  private boolean bytesCame;

  // Whether the deadline is that of a connection without a request.
  private boolean keepAliveIdle;

  Http1Connection(ServerParts parts, Peer peer, ChannelHandlerContext ctx) {
    this.parts = parts;
    this.peer = peer;
    this.ctx = ctx;
    this.deadline = new Deadline(ctx.executor(), this::late);
  }

  /// Begins, once it is in the pipeline.
  void begin() {
    deadline.set(parts.limits().times().header());
    parts.connections().speaks(ctx.channel(), this);
  }

  /// Bytes came, whatever they are.
  void bytesCame() {
    bytesCame = true;
  }

  boolean keepAlive() {
    return keepAlive && !draining;
  }

  /// The length of the answer is told by the end of the connection.
  void closeAfterAnswer() {
    keepAlive = false;
  }

  /// While requests are read, answers leave together.
  void flush() {
    if (inRead) {
      flushWanted = true;
    } else {
      contextHere().flush();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    inRead = true;
    if (closing) {
      ReferenceCountUtil.release(message);
    } else if (exchange != null || !waiting.isEmpty()) {
      waiting.add(message);
      context.channel().config().setAutoRead(false);
    } else {
      accept(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    inRead = false;
    if (flushWanted) {
      flushWanted = false;
      context.flush();
    }
    boolean headerBegun = bytesCame && head == null && exchange == null && !closing;
    bytesCame = false;
    if (headerBegun && keepAliveIdle) {
      keepAliveIdle = false;
      deadline.set(parts.limits().times().header());
    }
  }

  private void accept(Object message) {
    bytesCame = false;
    if (message instanceof HttpRequest request) {
      begin(request);
    }
    if (message instanceof HttpContent content) {
      try {
        more(content);
      } finally {
        content.release();
      }
    }
  }

  private void begin(HttpRequest request) {
    keepAliveIdle = false;
    Status problem = problem(request);
    if (problem != null) {
      refuse(problem);
      return;
    }
    keepAlive = HttpUtil.isKeepAlive(request);
    head = request;
    body = new BodyBuffer(parts, HttpUtil.getContentLength(request, -1L));
    if (HttpUtil.isContentLengthSet(request) || HttpUtil.isTransferEncodingChunked(request)) {
      deadline.set(parts.limits().times().body());
    }
    if (HttpUtil.is100ContinueExpected(request)) {
      Wire.writeAndFlush(
          contextHere(),
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  private @Nullable Status problem(HttpRequest request) {
    DecoderResult decoded = request.decoderResult();
    HttpLimits.Sizes sizes = parts.limits().sizes();
    if (decoded.isFailure()) {
      return switch (decoded.cause()) {
        case TooLongHttpLineException e -> Failures.uriTooLong(sizes.uriBytesMax());
        case TooLongHttpHeaderException e -> Failures.headerTooLarge(sizes.headerBytesMax());
        case Throwable e -> Failures.malformed(String.valueOf(e.getMessage()));
      };
    }
    if (request.protocolVersion().majorVersion() != 1) {
      return Failures.malformed("its version is " + request.protocolVersion());
    }
    boolean modern = request.protocolVersion().minorVersion() >= 1;
    if (modern && request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
      return Failures.malformed("it needs one Host header");
    }
    target = Target.parse(request.uri());
    if (target == null) {
      return Failures.malformed("its target is neither a path nor a URI");
    }
    String expect = request.headers().get(HttpHeaderNames.EXPECT);
    if (modern && expect != null && !expect.equalsIgnoreCase("100-continue")) {
      return Failures.unknownExpectation(expect);
    }
    if (HttpUtil.getContentLength(request, 0L) > sizes.bodyBytesMax()) {
      return Failures.bodyTooLarge(sizes.bodyBytesMax());
    }
    return null;
  }

  private void more(HttpContent content) {
    BodyBuffer filling = body;
    HttpRequest request = head;
    Target what = target;
    if (filling == null || request == null || what == null) {
      return;
    }
    DecoderResult decoded = content.decoderResult();
    Status problem =
        decoded.isFailure()
            ? Failures.malformed(String.valueOf(decoded.cause().getMessage()))
            : filling.add(content.content());
    if (problem != null) {
      refuse(problem);
    } else if (content instanceof LastHttpContent) {
      head = null;
      body = null;
      deadline.clear();
      handle(request, what, filling.finish());
    }
  }

  private void handle(HttpRequest request, Target what, byte[] content) {
    parts.counters().http1Requests.increment();
    WebSocketUpgrade upgrade = WebSocketUpgrade.of(request);
    Http1Outlet outlet =
        new Http1Outlet(this, contextHere(), request.protocolVersion(), parts, upgrade);
    Exchange begun = new Exchange(parts, ctx.executor(), outlet, this::answered);
    outlet.carries(begun);
    exchange = begun;
    begun.start(
        new Request(
            request.method().name(),
            what.path(),
            what.query(),
            headersOf(request),
            content,
            peer,
            upgrade != null,
            false));
  }

  private static Headers headersOf(HttpRequest request) {
    List<String> namesAndValues = new ArrayList<>();
    for (Map.Entry<String, String> each : request.headers()) {
      namesAndValues.add(each.getKey());
      namesAndValues.add(each.getValue());
    }
    return Headers.of(namesAndValues);
  }

  /// Answers a request that the handler does not get to see, and ends the connection: where the
  /// next request begins is not known.
  private void refuse(Status status) {
    letGoOfRequest();
    keepAlive = false;
    Http1Outlet outlet = new Http1Outlet(this, contextHere(), HttpVersion.HTTP_1_1, parts, null);
    Exchange refusal = new Exchange(parts, ctx.executor(), outlet, this::linger);
    exchange = refusal;
    closing = true;
    refusal.fail(status);
  }

  private void letGoOfRequest() {
    head = null;
    if (body != null) {
      body.release();
      body = null;
    }
    for (Object each = waiting.poll(); each != null; each = waiting.poll()) {
      ReferenceCountUtil.release(each);
    }
  }

  private void linger() {
    exchange = null;
    flushWanted = false;
    ctx.channel().config().setAutoRead(true);
    deadline.set(LINGER);
    Wire.then(contextHere().writeAndFlush(Unpooled.EMPTY_BUFFER), written -> endOutput());
  }

  private void endOutput() {
    boolean plain = ctx.pipeline().get(ConnectionSetup.TLS) == null;
    if (plain && ctx.channel() instanceof DuplexChannel duplex && duplex.isActive()) {
      var _ = duplex.shutdownOutput();
    }
  }

  private void answered() {
    exchange = null;
    if (upgraded) {
      return;
    }
    if (!keepAlive()) {
      closing = true;
      flushWanted = false;
      letGoOfRequest();
      Wire.writeAndClose(contextHere(), Unpooled.EMPTY_BUFFER);
      return;
    }
    keepAliveIdle = true;
    deadline.set(parts.limits().times().idle());
    if (!inTurn) {
      inTurn = true;
      while (exchange == null && !closing && !waiting.isEmpty()) {
        accept(waiting.poll());
      }
      inTurn = false;
      if (waiting.isEmpty() && !closing) {
        ctx.channel().config().setAutoRead(true);
      }
    }
  }

  /// The deadline of whatever it is waiting for has passed.
  private void late() {
    if (closing || keepAliveIdle) {
      Wire.close(ctx.channel());
    } else {
      refuse(Failures.tooSlow(head == null ? "header" : "body"));
    }
  }

  /// The connection goes on as a WebSocket, which takes over the exchange.
  void upgrade() {
    upgraded = true;
    exchange = null;
    deadline.cancel();
    letGoOfRequest();
    ctx.channel().config().setAutoRead(true);
  }

  @Override
  public void drain() {
    draining = true;
    if (exchange != null) {
      exchange.drain();
    } else if (head == null && !closing) {
      closing = true;
      Wire.close(ctx.channel());
    }
  }

  @Override
  public void cancel() {
    closing = true;
    deadline.cancel();
    letGoOfRequest();
    if (exchange != null) {
      exchange.cancel();
      exchange = null;
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (exchange != null && context.channel().isWritable()) {
      exchange.writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    cancel();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // Broken by the client, or by the network: nobody is left to tell.
    ConnectionSetup.logBroken(context, cause);
    Wire.close(context);
  }

  /// Writes go to the codec in front of this handler.
  private ChannelHandlerContext contextHere() {
    ChannelHandlerContext here = ctx.pipeline().context(this);
    return here == null ? ctx : here;
  }
}
