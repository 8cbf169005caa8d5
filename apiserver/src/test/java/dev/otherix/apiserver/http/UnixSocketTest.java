package dev.otherix.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class UnixSocketTest {
  @TempDir Path folder;

  private HttpServer start(Transport transport, Handler handler) throws IOException {
    return start(transport, handler, new Listener.Unix(folder.resolve("api.sock"), "rw-rw----"));
  }

  private static HttpServer start(Transport transport, Handler handler, Listener listener)
      throws IOException {
    return HttpServer.start(
        new HttpOptions(List.of(listener), HttpLimits.DEFAULT, InstantSource.system()),
        handler,
        transport,
        ByteBufAllocator.DEFAULT);
  }

  private byte[] get() throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("api.sock")))) {
      channel.write(
          ByteBuffer.wrap(
              "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII)));
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      Channels.newInputStream(channel).transferTo(all);
      return all.toByteArray();
    }
  }

  private static Answer who(Request request) {
    Peer.UnixCredentials unix = request.peer().unix();
    return Http1Test.text(
        200, request.peer().address() + " " + (unix == null ? "?" : unix.pid() + " " + unix.uid()));
  }

  @Test
  void peer_isWhoTheKernelSays() throws IOException {
    try (HttpServer server = start(Transport.EPOLL, UnixSocketTest::who)) {
      assertEquals(1, server.addresses().size());
      String answer = new String(get(), StandardCharsets.US_ASCII);
      Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      assertTrue(answer.endsWith("unix " + ProcessHandle.current().pid() + " " + uid), answer);
      assertEquals(
          "rw-rw----",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("api.sock"))));
    }
    assertFalse(Files.exists(folder.resolve("api.sock")));
  }

  @Test
  void group_isThatOfTheListener_andMustBeThere() throws IOException {
    Path path = folder.resolve("api.sock");
    String own = Files.readAttributes(folder, PosixFileAttributes.class).group().getName();
    Listener known = new Listener.Unix(path, "rw-rw----", own);
    try (HttpServer server = start(Transport.best(), UnixSocketTest::who, known)) {
      assertEquals(1, server.addresses().size());
      assertEquals(own, Files.readAttributes(path, PosixFileAttributes.class).group().getName());
    }
    Listener unknown = new Listener.Unix(path, "rw-rw----", "no-such-group-here");
    assertThrows(
        IOException.class, () -> start(Transport.best(), UnixSocketTest::who, unknown).close());
  }

  @Test
  void withoutEpoll_itServes_andDoesNotGuessThePeer() throws IOException {
    try (HttpServer server = start(Transport.NIO, UnixSocketTest::who)) {
      assertEquals(1, server.addresses().size());
      assertTrue(new String(get(), StandardCharsets.US_ASCII).endsWith("unix ?"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void largeAnswer_arrivesWhole(Transport transport) throws IOException {
    int length = 50 * 1024 * 1024;
    try (HttpServer server =
        start(transport, request -> new Answer.Whole(200, Headers.NONE, new BodyProbe(length)))) {
      assertEquals(0, server.stats().openConnections());
      int got = get().length;
      assertTrue(got > length && got < length + 1_000, got + " bytes");
    }
  }

  @Test
  void staleFile_isReplaced() throws IOException {
    Path file = folder.resolve("api.sock");
    ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    dead.bind(UnixDomainSocketAddress.of(file));
    dead.close();
    assertTrue(Files.exists(file), "the JDK leaves it behind");
    try (HttpServer server = start(Transport.best(), UnixSocketTest::who)) {
      assertEquals(1, server.addresses().size());
      assertTrue(new String(get(), StandardCharsets.US_ASCII).startsWith("HTTP/1.1 200"));
    }
  }

  @Test
  void fileInUse_isLeftAlone() throws IOException {
    try (HttpServer first = start(Transport.best(), UnixSocketTest::who)) {
      assertThrows(BindException.class, () -> start(Transport.best(), UnixSocketTest::who));
      assertTrue(new String(get(), StandardCharsets.US_ASCII).startsWith("HTTP/1.1 200"));
      assertEquals(1, first.addresses().size());
    }
  }

  @Test
  void fileThatIsNoSocket_isLeftAlone() throws IOException {
    Files.writeString(folder.resolve("api.sock"), "precious");
    assertThrows(BindException.class, () -> start(Transport.best(), UnixSocketTest::who));
    assertEquals("precious", Files.readString(folder.resolve("api.sock")));
  }
}
