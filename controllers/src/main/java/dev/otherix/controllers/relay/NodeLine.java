package dev.otherix.controllers.relay;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apiserver.http.MessageStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.node.ObjectNode;

/// The connection that an agent holds so that it can be called: each message is a call. The lock
/// guards every field.
final class NodeLine implements MessageStream {
  /// An agent that does not take them is gone, or as good as gone.
  private static final int CALLS_MAX = 64;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<byte[]> calls = new ArrayDeque<>();
  private final Runnable hungUp;
  private boolean ended;
  private Runnable wake = () -> {};

  /// @param hungUp called when the agent hears nothing more
  NodeLine(Runnable hungUp) {
    this.hungUp = hungUp;
  }

  /// Whether the call is on its way.
  boolean call(ObjectNode call) {
    Runnable reader;
    lock.lock();
    try {
      if (ended || calls.size() >= CALLS_MAX) {
        return false;
      }
      calls.add(CanonicalJson.encode(call));
      reader = wake;
    } finally {
      lock.unlock();
    }
    reader.run();
    return true;
  }

  /// The agent has called anew, or is not to hear more.
  void end() {
    Runnable reader;
    lock.lock();
    try {
      ended = true;
      reader = wake;
    } finally {
      lock.unlock();
    }
    reader.run();
  }

  @Override
  public void open(Runnable wakeUp) {
    lock.lock();
    try {
      wake = wakeUp;
    } finally {
      lock.unlock();
    }
    wakeUp.run();
  }

  @Override
  public Next next(ByteSink sink) {
    lock.lock();
    try {
      byte[] call = calls.poll();
      if (call == null) {
        return ended ? Next.END : Next.LATER;
      }
      sink.write(call, 0, call.length, true);
      return Next.MESSAGE;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void drain() {
    end();
  }

  @Override
  public void close() {
    end();
    hungUp.run();
  }
}
