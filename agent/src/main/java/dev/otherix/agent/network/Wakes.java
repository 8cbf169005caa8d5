package dev.otherix.agent.network;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What brings about a look at the host. What the server has changed is seen to at once. The kernel
/// tells of what we did ourselves too; so what it tells is gathered for a moment, and nobody who
/// changes something at the server waits for that. The lock guards every field.
final class Wakes {
  private static final Duration GATHER = Duration.ofMillis(25);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean server;
  private boolean kernel;

  /// When what the kernel told is due.
  private long due;

  /// The server has something new.
  void byServer() {
    lock.lock();
    try {
      server = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Somebody, maybe we, changed the host.
  void byKernel() {
    lock.lock();
    try {
      if (!kernel) {
        kernel = true;
        due = System.nanoTime() + GATHER.toNanos();
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits for something to do.
  ///
  /// @return whether the host itself is to be read anew: it may have changed, or nothing happened
  ///   for that long
  boolean await(Duration most) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long end = System.nanoTime() + most.toNanos();
      while (true) {
        long now = System.nanoTime();
        boolean read = kernel && now - due >= 0;
        if (server || read || now - end >= 0) {
          read |= !server;
          server = false;
          kernel &= !read;
          return read;
        }
        long until = kernel && due - end < 0 ? due : end;
        changed.await(until - now, TimeUnit.NANOSECONDS);
      }
    } finally {
      lock.unlock();
    }
  }
}
