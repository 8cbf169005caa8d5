package dev.otherix.apimachinery.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A Unix socket of this machine.
final class UnixWire implements Wire {
  private final SocketChannel channel;
  private final Path socket;

  private UnixWire(SocketChannel channel, Path socket) {
    this.channel = channel;
    this.socket = socket;
  }

  static UnixWire to(Path socket) throws IOException {
    return new UnixWire(SocketChannel.open(StandardProtocolFamily.UNIX), socket);
  }

  @Override
  public void connect() throws IOException {
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (SocketException e) {
      // No socket there, or none that we may use: to callers it is as if nobody listened.
      ConnectException refused = new ConnectException(e.getMessage());
      refused.initCause(e);
      throw refused;
    }
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    return channel.read(to);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return channel.write(from);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
