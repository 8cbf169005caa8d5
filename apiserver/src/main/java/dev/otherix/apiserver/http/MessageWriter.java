package dev.otherix.apiserver.http;

import dev.otherix.apimachinery.codec.ByteSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Writes a [MessageStream]: each message at once, several together when several are there.
final class MessageWriter implements AnswerWriter {
  private static final int MESSAGES_PER_TURN = 128;
  private static final int BATCH_BYTES = 32 * 1024;
  private static final int FIRST_BYTES = 2 * 1024;
  private static final byte[] NEWLINE = {'\n'};

  private final MessageStream messages;
  private final EventExecutor loop;
  private final Runnable pump;
  private final Counters counters;

  // Whether a turn is on its way, so that any number of wake-ups cost one.
  private final AtomicBoolean awake = new AtomicBoolean();
  private @Nullable Outlet outlet;
  private @Nullable ByteBuf batch;
  private boolean writing;
  private boolean closed;
  private final ByteSink sink = this::append;

  MessageWriter(MessageStream messages, EventExecutor loop, Runnable pump, Counters counters) {
    this.messages = messages;
    this.loop = loop;
    this.pump = pump;
    this.counters = counters;
    counters.openStreams.increment();
  }

  void open(Outlet outlet) {
    this.outlet = outlet;
    messages.open(this::wakeUp);
  }

  void openInput(Runnable more) {
    messages.openInput(() -> {
      try {
        loop.execute(more);
      } catch (RejectedExecutionException e) {
        // The server has closed: nobody is read any more.
        closed = true;
      }
    });
  }

  boolean receive(byte[] part) {
    return closed || messages.receive(part);
  }

  private void wakeUp() {
    if (awake.compareAndSet(false, true)) {
      try {
        loop.execute(() -> {
          awake.set(false);
          pump.run();
        });
      } catch (RejectedExecutionException e) {
        // The server has closed, and this stream with it: there is nobody to wake.
        awake.set(true);
      }
    }
  }

  @Override
  public Turn write() {
    Outlet out = outlet;
    if (writing || closed || out == null) {
      return Turn.BUSY;
    }
    writing = true;
    try {
      Turn turn = writeTurn(out);
      send(out);
      if (turn == Turn.DONE) {
        out.data(Unpooled.EMPTY_BUFFER, true);
      }
      out.flush();
      // What the flush made room for was told meanwhile, and nobody tells it again.
      return turn == Turn.BLOCKED && !closed && out.writable() ? Turn.AGAIN : turn;
    } finally {
      writing = false;
      if (batch != null) {
        batch.release();
        batch = null;
      }
    }
  }

  private Turn writeTurn(Outlet out) {
    for (int n = 0; n < MESSAGES_PER_TURN; n++) {
      if (closed) {
        return Turn.BLOCKED;
      }
      if (!out.writable()) {
        return Turn.BLOCKED;
      }
      switch (messages.next(sink)) {
        case MESSAGE -> endMessage(out);
        case LATER -> {
          return Turn.IDLE;
        }
        case END -> {
          return Turn.DONE;
        }
      }
    }
    return Turn.AGAIN;
  }

  private void endMessage(Outlet out) {
    if (out.framed()) {
      send(out);
      return;
    }
    if (!messages.bytes()) {
      append(NEWLINE, 0, 1, true);
    }
    if (batch != null && batch.readableBytes() >= BATCH_BYTES) {
      send(out);
    }
  }

  private void append(byte[] bytes, int offset, int length, boolean lasting) {
    if (batch == null) {
      Outlet out = outlet;
      if (out == null) {
        throw new IllegalStateException("a message before the stream was opened");
      }
      batch = out.allocator().directBuffer(Math.max(FIRST_BYTES, length));
    }
    batch.writeBytes(bytes, offset, length);
  }

  private void send(Outlet out) {
    ByteBuf full = batch;
    if (full != null) {
      batch = null;
      out.data(full, false);
    }
  }

  @Override
  public void drain() {
    messages.drain();
  }

  @Override
  public void close() {
    closed = true;
    counters.openStreams.decrement();
    messages.close();
  }
}
