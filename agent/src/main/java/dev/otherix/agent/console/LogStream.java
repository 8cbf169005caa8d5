package dev.otherix.agent.console;

import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.Pause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// The log of a machine's console from somewhere on, fit to be read. Reads the file at the pace of
/// whoever looks at it, so that it holds nothing; what was cut away meanwhile is told as lost.
record LogStream(ConsoleLogs logs, Path log, int tail, boolean follow, Pause pause)
    implements Desk.Stream {
  /// QEMU appends without telling. Only looked at while somebody follows.
  private static final Duration LOOK = Duration.ofMillis(100);

  @Override
  public void carry(ByteSocket socket) throws InterruptedException {
    CountDownLatch left = new CountDownLatch(1);
    Thread.ofVirtual().name("log-reader").start(() -> awaitLeaving(socket, left));
    LogText text = new LogText();
    long position = logs.tail(log, tail);
    while (left.getCount() > 0) {
      ConsoleLogs.Piece piece = logs.read(log, position);
      position = piece.next();
      if (piece.lost() > 0) {
        send(socket, text.of(LossyBuffer.marker(piece.lost())));
      }
      if (piece.bytes().length > 0) {
        send(socket, text.of(piece.bytes()));
      } else if (follow && Files.isDirectory(log.resolveSibling(""))) {
        pause.await(LOOK);
      } else {
        return;
      }
    }
  }

  private static void send(ByteSocket socket, byte[] bytes) throws InterruptedException {
    if (bytes.length > 0) {
      socket.send(bytes, 0, bytes.length);
    }
  }

  private static void awaitLeaving(ByteSocket socket, CountDownLatch left) {
    try {
      byte[] said;
      do {
        // Whoever reads a log has nothing to say.
        said = socket.receive();
      } while (said != null);
    } catch (ConnectionException _) {
      left.countDown();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      left.countDown();
    }
  }

  @Override
  public void close() {}
}
