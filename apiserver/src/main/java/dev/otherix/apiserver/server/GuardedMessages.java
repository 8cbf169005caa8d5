package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apiserver.http.MessageStream;
import java.util.function.BooleanSupplier;

/// A stream that ends when the client may not have it any more: before its next message when what
/// he showed counts no more, and soon, see [StreamGuards], when he has lost the right.
final class GuardedMessages implements MessageStream {
  private final MessageStream messages;
  private final BooleanSupplier known;
  private final BooleanSupplier allowed;
  private final StreamGuards guards;
  private volatile boolean ended;
  private volatile Runnable wakeUp = () -> {};

  /// @param known asked for every message
  /// @param allowed asked every second
  GuardedMessages(
      MessageStream messages, BooleanSupplier known, BooleanSupplier allowed, StreamGuards guards) {
    this.messages = messages;
    this.known = known;
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
    if (!known.getAsBoolean() || !allowed.getAsBoolean()) {
      ended = true;
      wakeUp.run();
    }
  }

  @Override
  public Next next(ByteSink sink) {
    return !ended && known.getAsBoolean() ? messages.next(sink) : Next.END;
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
    guards.forget(this);
    messages.close();
  }
}
