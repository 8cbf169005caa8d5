package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apiserver.http.MessageStream;
import dev.otherix.apiserver.metrics.WatchMeter;

/// Counts what a stream sends.
final class MeasuredMessages implements MessageStream {
  private final MessageStream messages;
  private final WatchMeter meter;
  private final Runnable ended;

  MeasuredMessages(MessageStream messages, WatchMeter meter, Runnable ended) {
    this.messages = messages;
    this.meter = meter;
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
      meter.sent(counted.bytes);
    }
    return next;
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
