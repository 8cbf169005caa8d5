package dev.otherix.apimachinery.client;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/// A conversation over a [ByteSocket] in which each side says by itself that it has nothing more to
/// say, as over TCP. Both ends speak so: two bytes of length before each piece, the high one first,
/// and a length of zero at the end of a direction.
public final class Conversation {
  private static final System.Logger LOG = System.getLogger(Conversation.class.getName());
  private static final int HEAD_BYTES = 2;
  private static final int PIECE_BYTES = 16 * 1024;

  private final ByteSocket socket;
  private byte[] heard = {};
  private int position;

  private Conversation(ByteSocket socket) {
    this.socket = socket;
  }

  /// Carries what one side says to the other until both have said everything, or either is gone.
  /// The socket is closed then. The caller closes the streams, which ends whoever still reads.
  ///
  /// @param from what this side says
  /// @param to where it hears the other
  /// @param quiet closed when the other side says nothing more
  /// @return whether both have said everything
  public static boolean carry(ByteSocket socket, InputStream from, OutputStream to, Closeable quiet)
      throws InterruptedException {
    try (socket) {
      Thread speaker = Thread.ofVirtual().name("conversation").start(() -> speak(socket, from));
      if (!new Conversation(socket).listen(to)) {
        return false;
      }
      quiet.close();
      speaker.join();
      return true;
    } catch (IOException | ConnectionException e) {
      LOG.log(Level.DEBUG, "a conversation broke", e);
      return false;
    }
  }

  private static void speak(ByteSocket socket, InputStream from) {
    byte[] piece = new byte[HEAD_BYTES + PIECE_BYTES];
    try {
      int length;
      do {
        length = Math.max(0, from.read(piece, HEAD_BYTES, PIECE_BYTES));
        piece[0] = (byte) (length >>> 8);
        piece[1] = (byte) length;
        socket.send(piece, 0, HEAD_BYTES + length);
      } while (length > 0);
    } catch (IOException | ConnectionException e) {
      // The other direction ends by it.
      LOG.log(Level.DEBUG, "a conversation broke", e);
      socket.close();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      socket.close();
    }
  }

  /// Whether the other side came to its end.
  private boolean listen(OutputStream to) throws IOException, InterruptedException {
    while (true) {
      int high = next();
      if (high < 0) {
        return false;
      }
      int low = next();
      if (low < 0) {
        throw new EOFException("it ended within a piece");
      }
      int left = high << 8 | low;
      if (left == 0) {
        return true;
      }
      while (left > 0) {
        byte[] bytes = some();
        if (bytes == null) {
          throw new EOFException("it ended within a piece");
        }
        int now = Math.min(left, bytes.length - position);
        to.write(bytes, position, now);
        position += now;
        left -= now;
      }
      to.flush();
    }
  }

  private int next() throws InterruptedException {
    byte[] bytes = some();
    return bytes == null ? -1 : bytes[position++] & 0xff;
  }

  /// What was heard and not taken yet, from the position on; null at the end.
  private byte @Nullable [] some() throws InterruptedException {
    while (position == heard.length) {
      byte[] more = socket.receive();
      if (more == null) {
        return null;
      }
      heard = more;
      position = 0;
    }
    return heard;
  }
}
