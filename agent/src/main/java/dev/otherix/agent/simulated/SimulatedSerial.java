package dev.otherix.agent.simulated;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A guest's line that sends back what it gets, and writes what the guest prints into its log. As
/// with QEMU, one connection is served, and what is printed while nobody is connected is only in
/// the log. The lock guards every field.
final class SimulatedSerial {
  private static final int TYPED_BYTES_MAX = 64 * 1024;

  private final @Nullable Path log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
  private @Nullable Line line;
  private boolean closed;

  /// @param log null for a line without one
  SimulatedSerial(@Nullable Path log) {
    this.log = log;
  }

  /// @param greeting what whoever connects reads first
  ByteChannel connect(String greeting) {
    lock.lock();
    try {
      Line made = new Line();
      made.out.writeBytes(greeting.getBytes(StandardCharsets.US_ASCII));
      if (line != null || closed) {
        made.open = false;
      } else {
        line = made;
      }
      return made;
    } finally {
      lock.unlock();
    }
  }

  void print(byte[] bytes) {
    lock.lock();
    try {
      Line present = line;
      if (present != null) {
        present.out.writeBytes(bytes);
      }
      if (log != null) {
        Files.createDirectories(log.resolveSibling(""));
        Files.write(log, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
      changed.signalAll();
    } catch (IOException e) {
      throw new UncheckedIOException("a simulated console log cannot be written", e);
    } finally {
      lock.unlock();
    }
  }

  String typed() {
    lock.lock();
    try {
      return typed.toString(StandardCharsets.UTF_8);
    } finally {
      lock.unlock();
    }
  }

  /// The machine is gone.
  void close() {
    lock.lock();
    try {
      closed = true;
      line = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private final class Line implements ByteChannel {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private boolean open = true;

    @Override
    public int read(ByteBuffer into) throws IOException {
      lock.lock();
      try {
        while (out.size() == 0 && open && !closed) {
          changed.await();
        }
        if (!open) {
          throw new ClosedChannelException();
        }
        byte[] all = out.toByteArray();
        if (all.length == 0) {
          return -1;
        }
        int length = Math.min(all.length, into.remaining());
        into.put(all, 0, length);
        out.reset();
        out.write(all, length, all.length - length);
        return length;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      byte[] bytes = new byte[from.remaining()];
      lock.lock();
      try {
        if (!open || closed) {
          throw new ClosedChannelException();
        }
        from.get(bytes);
        typed.writeBytes(
            Arrays.copyOf(bytes, Math.min(bytes.length, TYPED_BYTES_MAX - typed.size())));
      } finally {
        lock.unlock();
      }
      print(bytes);
      return bytes.length;
    }

    @Override
    public boolean isOpen() {
      lock.lock();
      try {
        return open;
      } finally {
        lock.unlock();
      }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Whether it is this very line that is served.
    public void close() {
      lock.lock();
      try {
        open = false;
        if (line == this) {
          line = null;
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
