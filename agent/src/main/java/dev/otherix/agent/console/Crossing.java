package dev.otherix.agent.console;

import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.ConnectionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/// Moves bytes between a machine's channel and a socket, one direction at a time.
final class Crossing {
  private static final System.Logger LOG = System.getLogger(Crossing.class.getName());
  private static final int PIECE_BYTES = 16 * 1024;

  private Crossing() {}

  /// What takes the bytes of a machine.
  @FunctionalInterface
  interface Taker {
    void take(byte[] bytes, int length) throws InterruptedException;
  }

  /// Until the machine's end, or until somebody closes the channel.
  static void fromMachine(ByteChannel machine, Taker taker) throws InterruptedException {
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    try {
      while (machine.read(piece.clear()) >= 0) {
        taker.take(piece.array(), piece.position());
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a machine's channel ended", e);
    }
  }

  /// On a thread of its own, until the socket's end; then the machine's channel is closed.
  static Thread toMachine(ByteSocket socket, ByteChannel machine) {
    return Thread.ofVirtual()
        .name("to-machine")
        .start(() -> {
          try (machine) {
            for (byte[] part = socket.receive(); part != null; part = socket.receive()) {
              ByteBuffer bytes = ByteBuffer.wrap(part);
              while (bytes.hasRemaining()) {
                machine.write(bytes);
              }
            }
          } catch (IOException | ConnectionException e) {
            LOG.log(Level.DEBUG, "a machine's channel ended", e);
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
  }

  static void close(ByteChannel machine) {
    try {
      machine.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a machine's channel cannot be closed", e);
    }
  }
}
