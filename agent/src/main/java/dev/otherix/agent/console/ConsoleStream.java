package dev.otherix.agent.console;

import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.ConnectionException;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// A machine's console as it is, behind the end of its log. The guest never waits for whoever looks
/// at it.
///
/// @param begin where in the log the replay begins
/// @param ended called when the console is free again
record ConsoleStream(ByteChannel line, ConsoleLogs logs, Path log, long begin, Runnable ended)
    implements Desk.Stream {
  private static final int UNREAD_BYTES_MAX = 512 * 1024;
  private static final byte[] SEPARATOR =
      "\r\n[otherix: the console is connected; above is its log]\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  @Override
  public void carry(ByteSocket socket) throws InterruptedException {
    replay(socket);
    Crossing.toMachine(socket, line);
    LossyBuffer unread = new LossyBuffer(UNREAD_BYTES_MAX);
    Thread reader =
        Thread.ofVirtual()
            .name("from-machine")
            .start(() -> {
              try {
                Crossing.fromMachine(
                    line, (bytes, length) -> unread.put(Arrays.copyOf(bytes, length)));
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              } finally {
                unread.end();
              }
            });
    try {
      for (byte[] part = unread.take(); part != null; part = unread.take()) {
        socket.send(part, 0, part.length);
      }
    } finally {
      Crossing.close(line);
      reader.join();
    }
  }

  /// Without what would move the cursor of somebody who was not there.
  private void replay(ByteSocket socket) throws InterruptedException, ConnectionException {
    LogText text = new LogText();
    boolean any = false;
    ConsoleLogs.Piece piece = logs.read(log, begin);
    while (piece.bytes().length > 0) {
      byte[] shown = text.of(piece.bytes());
      String lines = new String(shown, StandardCharsets.ISO_8859_1).replace("\n", "\r\n");
      byte[] sent = lines.getBytes(StandardCharsets.ISO_8859_1);
      socket.send(sent, 0, sent.length);
      any = true;
      piece = logs.read(log, piece.next());
    }
    if (any) {
      socket.send(SEPARATOR, 0, SEPARATOR.length);
    }
  }

  @Override
  public void close() {
    Crossing.close(line);
    ended.run();
  }
}
