package dev.otherix.agent.console;

import dev.otherix.apimachinery.client.ByteSocket;
import java.nio.channels.ByteChannel;

/// A machine's screen: every byte counts, so each side waits for the other.
record ScreenStream(ByteChannel screen) implements Desk.Stream {
  @Override
  public void carry(ByteSocket socket) throws InterruptedException {
    Crossing.toMachine(socket, screen);
    Crossing.fromMachine(screen, (bytes, length) -> socket.send(bytes, 0, length));
  }

  @Override
  public void close() {
    Crossing.close(screen);
  }
}
