package dev.otherix.agent.console;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Between a guest that must never wait for its console's reader, and a reader who may be slow:
/// what he is too late for is dropped, the oldest first, and he is told how much. The lock guards
/// every field.
final class LossyBuffer {
  private final int bytesMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> parts = new ArrayDeque<>();
  private int held;
  private long lost;
  private boolean ended;

  LossyBuffer(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  void put(byte[] part) {
    lock.lock();
    try {
      parts.add(part);
      held += part.length;
      while (held > bytesMax && parts.size() > 1) {
        byte[] oldest = parts.remove();
        held -= oldest.length;
        lost += oldest.length;
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Nothing more comes.
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Waits for the next bytes; null at the end.
  byte @Nullable [] take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (parts.isEmpty() && !ended) {
        changed.await();
      }
      if (lost > 0) {
        byte[] marker = marker(lost);
        lost = 0;
        return marker;
      }
      byte[] part = parts.poll();
      held -= part == null ? 0 : part.length;
      return part;
    } finally {
      lock.unlock();
    }
  }

  /// What a reader sees in the place of what he missed.
  static byte[] marker(long lost) {
    return ("\r\n[otherix: " + lost + " bytes lost]\r\n").getBytes(StandardCharsets.US_ASCII);
  }
}
