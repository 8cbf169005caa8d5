package dev.otherix.apiserver.http;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A real server on a free port, and ways to reach it.
final class RunningServer implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  final HttpServer server;
  private final boolean tls;

  /// Of this server alone, and exact.
  private final UnpooledByteBufAllocator buffers;

  private RunningServer(HttpServer server, boolean tls, UnpooledByteBufAllocator buffers) {
    this.server = server;
    this.buffers = buffers;
    this.tls = tls;
  }

  static RunningServer of(Handler handler) {
    return of(HttpLimits.DEFAULT, null, Transport.best(), handler);
  }

  static RunningServer of(HttpLimits limits, Handler handler) {
    return of(limits, null, Transport.best(), handler);
  }

  static RunningServer of(
      HttpLimits limits, @Nullable ReloadableTls tls, Transport transport, Handler handler) {
    Listener listener =
        new Listener.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls);
    HttpOptions options = new HttpOptions(List.of(listener), limits, InstantSource.system());
    try {
      UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(true);
      return new RunningServer(
          HttpServer.start(options, handler, transport, buffers), tls != null, buffers);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Bytes of buffers that nobody has given back.
  long bufferBytes() {
    return buffers.metric().usedDirectMemory() + buffers.metric().usedHeapMemory();
  }

  int port() {
    return ((InetSocketAddress) server.addresses().getFirst()).getPort();
  }

  URI uri(String pathAndQuery) {
    return URI.create((tls ? "https" : "http") + "://127.0.0.1:" + port() + pathAndQuery);
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    return socket;
  }

  @Override
  public void close() {
    server.close();
  }
}
