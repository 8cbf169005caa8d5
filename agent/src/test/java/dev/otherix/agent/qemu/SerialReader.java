package dev.otherix.agent.qemu;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// What a guest wrote to its serial line.
public final class SerialReader implements AutoCloseable {
  private final SocketChannel channel;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private SerialReader(SocketChannel channel) {
    this.channel = channel;
  }

  public static SerialReader of(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    SerialReader reader = new SerialReader(channel);
    Thread.ofVirtual().start(reader::read);
    return reader;
  }

  private void read() {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    try {
      while (channel.read(buffer) >= 0) {
        bytes.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
    } catch (IOException e) {
      bytes.writeBytes(("\nthe serial line ended: " + e).getBytes(StandardCharsets.UTF_8));
    }
  }

  public String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /// Sends what somebody would type.
  public void type(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
