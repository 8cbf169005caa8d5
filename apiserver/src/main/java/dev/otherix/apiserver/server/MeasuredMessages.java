package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apiserver.http.MessageStream;
import java.util.function.LongConsumer;

/// Counts what a stream sends.
final class MeasuredMessages implements MessageStream {
  private final MessageStream messages;
  private final LongConsumer sent;
  private final Runnable ended;

  /// @param sent hears the size of each message
  MeasuredMessages(MessageStream messages, LongConsumer sent, Runnable ended) {
    this.messages = messages;
    this.sent = sent;
    this.ended = ended;
  }

  @Override
  public void open(Runnable wakeUp) {
    messages.open(wakeUp);
  }

  @Override
  public Next next(ByteSink sink) {
    CountingSink counted = new CountingSink(sink);
    Next next = messages.next(counted);
    if (next == Next.MESSAGE) {
      sent.accept(counted.bytes);
    }
    return next;
  }

  @Override
  public boolean bytes() {
    return messages.bytes();
  }

  @Override
  public void openInput(Runnable more) {
    messages.openInput(more);
  }

  @Override
  public boolean receive(byte[] part) {
    return messages.receive(part);
  }

  @Override
  public void drain() {
    messages.drain();
  }

  @Override
  public void close() {
    messages.close();
    ended.run();
  }

  private static final class CountingSink implements ByteSink {
    private final ByteSink sink;
    private long bytes;

    CountingSink(ByteSink sink) {
      this.sink = sink;
    }

    @Override
    public void write(byte[] part, int offset, int length, boolean lasting) {
      bytes += length;
      sink.write(part, offset, length, lasting);
    }
  }
}
