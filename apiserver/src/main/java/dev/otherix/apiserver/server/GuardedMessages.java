package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apiserver.http.MessageStream;
import java.util.function.BooleanSupplier;

/// A stream that ends, before its next message, when the client may not have it any more.
final class GuardedMessages implements MessageStream {
  private final MessageStream messages;
  private final BooleanSupplier allowed;

  GuardedMessages(MessageStream messages, BooleanSupplier allowed) {
    this.messages = messages;
    this.allowed = allowed;
  }

  @Override
  public void open(Runnable wakeUp) {
    messages.open(wakeUp);
  }

  @Override
  public Next next(ByteSink sink) {
    return allowed.getAsBoolean() ? messages.next(sink) : Next.END;
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
  }
}
