package dev.otherix.apimachinery.informer;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How far an informer is, for those who wait for a revision. The lock guards the field.
final class Revisions {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /// Empty before the first list.
  private String reached = "";

  String reached() {
    lock.lock();
    try {
      return reached;
    } finally {
      lock.unlock();
    }
  }

  void reach(String revision) {
    lock.lock();
    try {
      reached = revision;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Whether it was reached in that time.
  boolean await(String wanted, Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (reached.isEmpty() || compare(reached, wanted) < 0) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Revisions are decimal numbers without leading zeros that may be longer than any integer type.
  static int compare(String left, String right) {
    return left.length() == right.length()
        ? left.compareTo(right)
        : Integer.compare(left.length(), right.length());
  }
}
