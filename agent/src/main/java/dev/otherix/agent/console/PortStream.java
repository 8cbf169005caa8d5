package dev.otherix.agent.console;

import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.Conversation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.Socket;

/// A conversation with what listens in a guest.
///
/// @param ended called when it is over
record PortStream(Socket guest, Runnable ended) implements Desk.Stream {
  private static final System.Logger LOG = System.getLogger(PortStream.class.getName());

  @Override
  public void carry(ByteSocket socket) throws InterruptedException {
    try {
      boolean whole =
          Conversation.carry(
              socket, guest.getInputStream(), guest.getOutputStream(), guest::shutdownOutput);
      if (!whole) {
        // Else the guest would take a broken conversation for one that came to its end.
        guest.setSoLinger(true, 0);
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a guest's connection ended", e);
    }
  }

  @Override
  public void close() {
    ended.run();
    try {
      guest.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a guest's connection cannot be closed", e);
    }
  }
}
