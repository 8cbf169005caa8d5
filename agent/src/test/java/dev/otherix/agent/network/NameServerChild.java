package dev.otherix.agent.network;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The outside's name server: every name is 203.0.113.7.
final class NameServerChild {
  private static final byte[] ANSWER = {
    (byte) 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, (byte) 203, 0, 113, 7
  };

  private NameServerChild() {}

  static void main(String[] arguments) throws IOException {
    InetSocketAddress local = new InetSocketAddress(InetAddress.ofLiteral(arguments[0]), 53);
    DatagramSocket datagrams = new DatagramSocket(local);
    ServerSocket connections = new ServerSocket(local.getPort(), 5, local.getAddress());
    Thread.ofPlatform().start(() -> serve(connections));
    System.out.println("ready");
    while (true) {
      DatagramPacket packet = new DatagramPacket(new byte[512], 512);
      datagrams.receive(packet);
      byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
      datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
    }
  }

  private static void serve(ServerSocket connections) {
    try {
      while (true) {
        try (Socket client = connections.accept()) {
          DataInputStream in = new DataInputStream(client.getInputStream());
          byte[] answer = answer(in.readNBytes(in.readUnsignedShort()));
          client
              .getOutputStream()
              .write(
                  ByteBuffer.allocate(answer.length + 2)
                      .putShort((short) answer.length)
                      .put(answer)
                      .array());
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] answer(byte[] question) {
    byte[] answer = Arrays.copyOf(question, question.length + ANSWER.length);
    System.arraycopy(ANSWER, 0, answer, question.length, ANSWER.length);
    answer[2] |= (byte) 0x80;
    answer[7] = 1;
    return answer;
  }
}
