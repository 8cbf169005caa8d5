package dev.otherix.controllers;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.MessageSource;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// A way to the server that can be cut: requests fail then, at random also after the server has
/// carried them out, and streams break.
public final class Partition implements Transport {
  private final Transport real;
  private final BooleanSupplier losesAnswer;
  private volatile boolean cut;

  /// @param losesAnswer asked when an answer arrives; true to lose it
  public Partition(Transport real, BooleanSupplier losesAnswer) {
    this.real = real;
    this.losesAnswer = losesAnswer;
  }

  public void cut(boolean now) {
    cut = now;
  }

  public boolean isCut() {
    return cut;
  }

  private void check() {
    if (cut) {
      throw new ConnectionException("the node is cut off", false);
    }
  }

  @Override
  public WireAnswer send(WireRequest request) throws InterruptedException {
    check();
    WireAnswer answer = real.send(request);
    if (cut || losesAnswer.getAsBoolean()) {
      throw new ConnectionException("the answer was lost", true);
    }
    return answer;
  }

  @Override
  public Opened open(WireRequest request) throws InterruptedException {
    check();
    return switch (real.open(request)) {
      case Opened.Stream(WireAnswer head, MessageSource messages) ->
          new Opened.Stream(head, new Cuttable(messages));
      case Opened.Refused refused -> refused;
    };
  }

  @Override
  public Joined join(WireRequest request) throws InterruptedException {
    check();
    return real.join(request);
  }

  /// Its server belongs to somebody else.
  @Override
  public void close() {
    cut = true;
  }

  private final class Cuttable implements MessageSource {
    private final MessageSource messages;

    Cuttable(MessageSource messages) {
      this.messages = messages;
    }

    @Override
    public Taken take(Duration atMost) throws InterruptedException {
      check();
      Taken taken = messages.take(atMost);
      check();
      return taken;
    }

    @Override
    public void close() {
      messages.close();
    }
  }
}
