package dev.otherix.controllers.relay;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apiserver.http.MessageStream.Next;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/// Bytes on their way from one connection to another. Who writes is told to wait when the reader
/// does not keep up, so it holds little. The lock guards every field; wake-ups happen outside.
final class Flow {
  /// More than that is held only until the writer has heard of it: one frame.
  static final int BYTES_MAX = 256 * 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<byte[]> parts = new ArrayDeque<>();
  private int held;
  private boolean writerWaits;
  private boolean ended;
  private Runnable wake = () -> {};
  private Runnable more = () -> {};

  /// Who is woken when there is something to read, or the end.
  void onParts(Runnable reader) {
    lock.lock();
    try {
      wake = reader;
    } finally {
      lock.unlock();
    }
    reader.run();
  }

  /// Who is called when there is room again.
  void onRoom(Runnable writer) {
    lock.lock();
    try {
      more = writer;
    } finally {
      lock.unlock();
    }
  }

  /// What comes behind the end is dropped.
  ///
  /// @return whether more may come at once
  boolean put(byte[] part) {
    Runnable reader;
    boolean room;
    lock.lock();
    try {
      if (ended) {
        return true;
      }
      parts.add(part);
      held += part.length;
      room = held < BYTES_MAX;
      writerWaits = !room;
      reader = wake;
    } finally {
      lock.unlock();
    }
    reader.run();
    return room;
  }

  Next next(ByteSink sink) {
    Runnable writer = null;
    Next next;
    lock.lock();
    try {
      byte[] part = parts.poll();
      if (part == null) {
        next = ended ? Next.END : Next.LATER;
      } else {
        held -= part.length;
        sink.write(part, 0, part.length, true);
        next = Next.MESSAGE;
        if (writerWaits && held < BYTES_MAX / 2) {
          writerWaits = false;
          writer = more;
        }
      }
    } finally {
      lock.unlock();
    }
    if (writer != null) {
      writer.run();
    }
    return next;
  }

  /// Nothing more comes; what is there may still be read.
  void end() {
    Runnable reader;
    Runnable writer;
    lock.lock();
    try {
      ended = true;
      writerWaits = false;
      reader = wake;
      writer = more;
    } finally {
      lock.unlock();
    }
    reader.run();
    writer.run();
  }

  /// Nobody reads any more.
  void abandon() {
    lock.lock();
    try {
      parts.clear();
      held = 0;
      wake = () -> {};
    } finally {
      lock.unlock();
    }
    end();
  }
}
