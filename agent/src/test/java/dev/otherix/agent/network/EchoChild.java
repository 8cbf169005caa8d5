package dev.otherix.agent.network;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;

/// A guest that says back what it is told, on the ports that it is given.
final class EchoChild {
  private EchoChild() {}

  static void main(String[] arguments) throws IOException {
    for (String each : arguments) {
      ServerSocket server = new ServerSocket(Integer.parseInt(each));
      Thread.ofPlatform().start(() -> accept(server));
    }
    System.out.println("ready");
  }

  private static void accept(ServerSocket server) {
    try {
      while (true) {
        Socket client = server.accept();
        Thread.ofVirtual().start(() -> echo(client));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void echo(Socket client) {
    try (client) {
      client.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      System.err.println("conversation ended: " + e.getMessage());
    }
  }
}
