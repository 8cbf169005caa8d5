package dev.otherix.bench.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// A guest's side: sends as much as it can by TCP, takes it, or asks by DHCP again and again.
final class Pump {
  static final int PORT = 7000;

  private static final int PIECE_BYTES = 128 * 1024;
  private static final int QUESTIONS = 500;
  private static final int DHCP_BYTES = 300;
  private static final int PATIENCE_MILLIS = 5000;

  private Pump() {}

  /// Arguments: `receive`; or `send`, an address and for how many milliseconds; or `lease`, its own
  /// address, its hardware address and the gateway's.
  static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "receive" -> receive();
      case "send" -> send(arguments[1], Long.parseLong(arguments[2]));
      case "lease" -> lease(arguments[1], arguments[2], arguments[3]);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void receive() throws IOException {
    try (ServerSocket server = new ServerSocket(PORT)) {
      System.out.println("ready");
      try (Socket sender = server.accept();
          InputStream in = sender.getInputStream()) {
        byte[] piece = new byte[PIECE_BYTES];
        long from = System.nanoTime();
        long bytes = 0;
        for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
          bytes += read;
        }
        System.out.println(bytes * 8e3 / (System.nanoTime() - from));
      }
    }
  }

  private static void send(String address, long millis) throws IOException {
    try (Socket receiver = new Socket()) {
      receiver.connect(new InetSocketAddress(address, PORT), PATIENCE_MILLIS);
      System.out.println("connected");
      byte[] piece = new byte[PIECE_BYTES];
      OutputStream out = receiver.getOutputStream();
      for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; ) {
        out.write(piece);
      }
    }
  }

  /// As a guest that asks to keep what it has.
  private static void lease(String own, String mac, String gateway) throws IOException {
    byte[] address = InetAddress.getByName(own).getAddress();
    ByteBuffer question = ByteBuffer.allocate(DHCP_BYTES);
    question.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(1).putInt(0);
    question.put(address).position(28);
    question.put(HexFormat.ofDelimiter(":").parseHex(mac)).position(236);
    question.putInt(0x63825363).put(new byte[] {53, 1, 3, (byte) 255});
    long[] took = new long[QUESTIONS];
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getByName(own), 68))) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      DatagramPacket packet =
          new DatagramPacket(question.array(), DHCP_BYTES, new InetSocketAddress(gateway, 67));
      DatagramPacket answer = new DatagramPacket(new byte[PIECE_BYTES], PIECE_BYTES);
      for (int i = 0; i < QUESTIONS; i++) {
        long from = System.nanoTime();
        socket.send(packet);
        socket.receive(answer);
        took[i] = System.nanoTime() - from;
      }
    }
    NetBenchmark.spread("DHCP, a lease that is kept, on a bridge", took);
  }
}
