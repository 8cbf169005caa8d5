package dev.otherix.apiserver.inprocess;

import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apiserver.http.MessageStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A server's stream of bytes, used as a WebSocket's event loop would: by one at a time, which the
/// lock sees to.
final class InProcessSocket implements ByteSocket {
  private final MessageStream stream;
  private final Consumer<InProcessSocket> whenClosed;
  private final Semaphore woken = new Semaphore(0);
  private final Semaphore room = new Semaphore(0);
  private final ReentrantLock lock = new ReentrantLock();
  private boolean ended;
  private boolean full;

  InProcessSocket(MessageStream stream, Consumer<InProcessSocket> whenClosed) {
    this.stream = stream;
    this.whenClosed = whenClosed;
    stream.openInput(room::release);
    stream.open(woken::release);
  }

  @Override
  public void send(byte[] bytes, int offset, int length) throws InterruptedException {
    if (full) {
      room.acquire();
    }
    lock.lock();
    try {
      if (ended) {
        throw new ConnectionException("the socket is closed", true);
      }
      room.drainPermits();
      full = !stream.receive(Arrays.copyOfRange(bytes, offset, offset + length));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public byte @Nullable [] receive() throws InterruptedException {
    while (true) {
      // Before the look, so that a wake-up during the look is not lost.
      woken.drainPermits();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      switch (look(out)) {
        case MESSAGE -> {
          return out.toByteArray();
        }
        case LATER -> woken.acquire();
        case END -> {
          close();
          return null;
        }
      }
    }
  }

  private MessageStream.Next look(ByteArrayOutputStream out) {
    lock.lock();
    try {
      return ended
          ? MessageStream.Next.END
          : stream.next((bytes, from, length, _) -> out.write(bytes, from, length));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        stream.close();
      }
    } finally {
      lock.unlock();
    }
    woken.release();
    room.release();
    whenClosed.accept(this);
  }
}
