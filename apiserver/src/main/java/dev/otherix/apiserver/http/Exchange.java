package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.status.Status;
import io.netty.util.concurrent.EventExecutor;
import java.lang.System.Logger.Level;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// One request and its answer, whatever protocol carries them. Belongs to its event loop; only the
/// handler runs elsewhere.
final class Exchange {
  private static final System.Logger LOG = System.getLogger(Exchange.class.getName());

  private final ServerParts parts;
  private final EventExecutor loop;
  private final Outlet outlet;
  private final Runnable done;
  private final Deadline stall;
  private boolean bodyless;
  private boolean gzipWelcome;
  private boolean over;
  private boolean draining;
  private @Nullable Thread thread;
  private @Nullable AnswerWriter writer;

  /// @param done called once, when the answer has been written to its end; not after [#cancel]
  Exchange(ServerParts parts, EventExecutor loop, Outlet outlet, Runnable done) {
    this.parts = parts;
    this.loop = loop;
    this.outlet = outlet;
    this.done = done;
    this.stall = new Deadline(loop, this::stalled);
  }

  /// Hands the request, which must not be allowed to wait, to the handler.
  void start(Request request) {
    bodyless = request.method().equals("HEAD");
    gzipWelcome = GzipBody.welcome(request.headers());
    boolean read = bodyless || request.method().equals("GET");
    if (!read || request.body().length > 0) {
      startThread(request);
      return;
    }
    try {
      answer(parts.handler().handle(request));
    } catch (WouldWait e) {
      startThread(request);
    } catch (InterruptedException | RuntimeException e) {
      answer(failed(request, e));
    }
  }

  /// Answers without the handler.
  void fail(Status status) {
    parts.counters().refusedRequests.increment();
    answer(Failures.answer(status));
  }

  private void startThread(Request request) {
    Counters counters = parts.counters();
    int max = parts.limits().counts().handlersMax();
    if (!Counters.tryAdd(counters.runningHandlers, 1, max)) {
      counters.bodyBytesInFlight.addAndGet(-request.body().length);
      fail(Failures.tooManyHandlers());
      return;
    }
    thread = Thread.ofVirtual().name("request").unstarted(() -> handle(request));
    thread.start();
  }

  /// On the request's own thread.
  private void handle(Request request) {
    Answer answer;
    try {
      answer = parts.handler().handle(request.onThread());
    } catch (InterruptedException e) {
      // The client has gone, or the server is closing: the answer most likely reaches nobody.
      answer = Failures.answer(Failures.shuttingDown());
    } catch (Throwable e) {
      answer = failed(request, e);
    } finally {
      parts.counters().runningHandlers.decrementAndGet();
      parts.counters().bodyBytesInFlight.addAndGet(-request.body().length);
    }
    Answer result = answer;
    try {
      loop.execute(() -> answer(result));
    } catch (RejectedExecutionException e) {
      // The server has closed meanwhile.
      discard(result);
    }
  }

  private static Answer failed(Request request, Throwable e) {
    LOG.log(
        Level.ERROR, "request failed method=" + request.method() + " path=" + request.path(), e);
    return Failures.answer(Failures.internal());
  }

  private void answer(Answer answer) {
    thread = null;
    if (over) {
      discard(answer);
      return;
    }
    try {
      switch (answer) {
        case Answer.Whole whole -> writeWhole(whole);
        case Answer.Stream stream -> writeStream(stream);
      }
    } catch (RuntimeException e) {
      breakOff("an answer cannot be written", e);
    }
  }

  private void writeWhole(Answer.Whole whole) {
    Body body = whole.body();
    Headers headers = whole.headers();
    if (GzipBody.worthwhile(whole, parts.limits().sizes().gzipBytesMin())) {
      headers = headers.with("vary", "accept-encoding");
      if (gzipWelcome) {
        headers = headers.with("content-encoding", "gzip");
        body = new GzipBody(body);
      }
    }
    long length = body.length();
    boolean bodyFollows = length != 0 && !bodyless;
    outlet.head(whole.status(), headers, length, bodyFollows);
    if (!bodyFollows) {
      outlet.flush();
      finish();
      return;
    }
    writer = new WholeWriter(body, outlet);
    pump();
  }

  private void writeStream(Answer.Stream stream) {
    if (bodyless) {
      discard(stream);
      outlet.head(stream.status(), stream.headers(), -1, false);
      outlet.flush();
      finish();
      return;
    }
    MessageWriter messages =
        new MessageWriter(stream.messages(), loop, this::pump, parts.counters());
    writer = messages;
    messages.open(outlet.streamHead(stream.status(), stream.headers(), stream.messages().bytes()));
    if (draining) {
      messages.drain();
    }
    pump();
  }

  /// Hands over what the client of a WebSocket sent.
  ///
  /// @return whether more may come at once
  boolean receive(byte[] part) {
    return over || !(writer instanceof MessageWriter messages) || messages.receive(part);
  }

  /// The client of a WebSocket is heard.
  ///
  /// @param more for any thread
  void openInput(Runnable more) {
    if (writer instanceof MessageWriter messages) {
      messages.openInput(more);
    }
  }

  /// Writes as much as one turn allows.
  private void pump() {
    AnswerWriter now = writer;
    if (over || now == null) {
      return;
    }
    AnswerWriter.Turn turn;
    try {
      turn = now.write();
    } catch (RuntimeException e) {
      breakOff("an answer broke off", e);
      return;
    }
    switch (turn) {
      case DONE -> finish();
      case AGAIN -> {
        stall.clear();
        loop.execute(this::pump);
      }
      case BLOCKED -> stall.setUnlessArmed(parts.limits().times().stall());
      case IDLE -> stall.clear();
      case BUSY -> {}
    }
  }

  /// The reader has caught up.
  void writable() {
    stall.clear();
    pump();
  }

  void drain() {
    draining = true;
    if (writer != null) {
      writer.drain();
      pump();
    }
  }

  /// Nobody waits for the answer any more.
  void cancel() {
    if (over) {
      return;
    }
    end();
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void stalled() {
    LOG.log(Level.DEBUG, "reader takes nothing after={0}", parts.limits().times().stall());
    cancel();
    outlet.abort();
  }

  private void breakOff(String what, RuntimeException e) {
    LOG.log(Level.ERROR, what, e);
    cancel();
    outlet.abort();
  }

  private void finish() {
    if (!over) {
      end();
      done.run();
    }
  }

  private void end() {
    over = true;
    stall.cancel();
    if (writer != null) {
      writer.close();
    }
  }

  private static void discard(Answer answer) {
    if (answer instanceof Answer.Stream stream) {
      stream.messages().close();
    }
  }
}
