package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apiserver.http.MessageStream;
import java.util.function.BooleanSupplier;

/// A stream that ends, before its next message, when the client may not have it any more. An idle
/// one is woken to find out, see [StreamGuards].
final class GuardedMessages implements MessageStream {
  private final MessageStream messages;
  private final BooleanSupplier allowed;
  private final StreamGuards guards;
  private volatile Runnable wakeUp = () -> {};

  GuardedMessages(MessageStream messages, BooleanSupplier allowed, StreamGuards guards) {
    this.messages = messages;
    this.allowed = allowed;
    this.guards = guards;
  }

  @Override
  public void open(Runnable wakeUp) {
    this.wakeUp = wakeUp;
    guards.watch(this);
    messages.open(wakeUp);
  }

  /// Wakes the stream when it must end. From any thread.
  void check() {
    if (!allowed.getAsBoolean()) {
      wakeUp.run();
    }
  }

  @Override
  public Next next(ByteSink sink) {
    return allowed.getAsBoolean() ? messages.next(sink) : Next.END;
  }

  @Override
  public void drain() {
    messages.drain();
  }

  @Override
  public void close() {
    guards.forget(this);
    messages.close();
  }
}
