package dev.otherix.controllers;

import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.MessageSource;
import dev.otherix.apimachinery.client.Transport;
import dev.otherix.apimachinery.client.WireAnswer;
import dev.otherix.apimachinery.client.WireRequest;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// A way to the server that can be cut: requests fail then, at random also after the server has
/// carried them out, and streams break.
public final class Partition implements Transport {
  private final Transport real;
  private final BooleanSupplier losesAnswer;
  private final ReentrantLock lock = new ReentrantLock();

  /// Both flags change under the lock.
  private final Condition changed = lock.newCondition();

  private volatile boolean cut;
  private volatile boolean stale;

  /// @param losesAnswer asked when an answer arrives; true to lose it
  public Partition(Transport real, BooleanSupplier losesAnswer) {
    this.real = real;
    this.losesAnswer = losesAnswer;
  }

  public void cut(boolean now) {
    lock.lock();
    try {
      cut = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Requests pass, but whoever watches hears nothing until this ends: he goes on by what was.
  public void stale(boolean now) {
    lock.lock();
    try {
      stale = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  public boolean isStale() {
    return stale;
  }

  private void awaitNews() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (stale && !cut) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
    check();
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
    cut(true);
  }

  private final class Cuttable implements MessageSource {
    private final MessageSource messages;

    Cuttable(MessageSource messages) {
      this.messages = messages;
    }

    @Override
    public Taken take(Duration atMost) throws InterruptedException {
      awaitNews();
      Taken taken = messages.take(atMost);
      awaitNews();
      return taken;
    }

    @Override
    public void close() {
      messages.close();
    }
  }
}
