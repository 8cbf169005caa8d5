package dev.otherix.apiserver.inprocess;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A way to a server on which connections can fade: they stay open, and nothing passes any more.
final class FadingPath implements AutoCloseable {
  private final InetSocketAddress server;
  private final ServerSocket entrance;
  private final List<Passage> passages = new CopyOnWriteArrayList<>();

  /// A connection and its continuation.
  private static final class Passage {
    private final Socket client;
    private final Socket server;
    private volatile boolean faded;

    Passage(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void carry(Socket from, Socket to) {
      byte[] buffer = new byte[8192];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          if (!faded) {
            out.write(buffer, 0, length);
          }
        }
        if (!faded) {
          to.shutdownOutput();
        }
      } catch (IOException _) {
        // One side went; the other sees nothing of it when the passage has faded.
      }
    }

    void close() throws IOException {
      client.close();
      server.close();
    }
  }

  FadingPath(InetSocketAddress server) throws IOException {
    this.server = server;
    this.entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("entrance").start(this::accept);
  }

  int port() {
    return entrance.getLocalPort();
  }

  int passages() {
    return passages.size();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = entrance.accept();
        Passage passage = new Passage(client, new Socket(server.getAddress(), server.getPort()));
        passages.add(passage);
        Thread.ofVirtual().start(() -> passage.carry(passage.client, passage.server));
        Thread.ofVirtual().start(() -> passage.carry(passage.server, passage.client));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  /// Nothing passes any more on what is open now.
  void fade() {
    passages.forEach(each -> each.faded = true);
  }

  @Override
  public void close() throws IOException {
    entrance.close();
    for (Passage each : passages) {
      each.close();
    }
  }
}
