package dev.otherix.agent.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What agents in guests answer, as they do and as they might.
final class GuestAgentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String STRAY =
      "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, stray\"}}\n";

  @TempDir private Path temp;
  private Path socket;
  private ServerSocketChannel listener;

  @BeforeEach
  void listen() throws IOException {
    socket = temp.resolve("guest.sock");
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
  }

  /// Answers each line that it reads with the next of these, byte for byte.
  private void answering(String... answers) {
    Thread.ofVirtual()
        .start(() -> {
          try (SocketChannel guest = listener.accept();
              BufferedReader lines =
                  new BufferedReader(Channels.newReader(guest, StandardCharsets.ISO_8859_1))) {
            for (String each : answers) {
              lines.readLine();
              ByteBuffer bytes = ByteBuffer.wrap(each.getBytes(StandardCharsets.ISO_8859_1));
              while (bytes.hasRemaining()) {
                guest.write(bytes);
              }
            }
            lines.readLine();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /// As qemu-guest-agent does, which takes the byte that resets its parser for a request.
  @Test
  void connect_errorBeforeTheSync_isPassedOver() throws Exception {
    answering(STRAY + "\u00ff{\"return\": 7}\n", "{\"return\": 3}\n");
    try (GuestAgent agent = GuestAgent.connect(socket, 7)) {
      assertEquals(3, agent.ask("guest-fsfreeze-freeze", PATIENCE).asInt());
    }
  }

  @Test
  void connect_answersOfEarlierConversations_arePassedOver() throws Exception {
    answering(
        "{\"return\": 7}\n\u00ff{\"return\": 6}\nnot json\n{\"retu\u00ff{\"return\": 7}\n",
        "{\"return\": {}}\n");
    try (GuestAgent agent = GuestAgent.connect(socket, 7)) {
      assertTrue(agent.ask("guest-ping", PATIENCE).isEmpty());
    }
  }

  @Test
  void ask_whatTheGuestRefuses_isToldWithItsWords() throws Exception {
    answering("\u00ff{\"return\": 7}\n", STRAY);
    try (GuestAgent agent = GuestAgent.connect(socket, 7)) {
      QmpException e =
          assertThrows(QmpException.class, () -> agent.ask("guest-fsfreeze-freeze", PATIENCE));
      assertTrue(String.valueOf(e.getMessage()).contains("parse error"), e.getMessage());
    }
  }

  @Test
  void connect_guestThatNeverAnswersTheSync_isGivenUp() {
    answering("{\"return\": 7}\n".repeat(64));
    assertThrows(QmpException.class, () -> GuestAgent.connect(socket, 7));
  }
}
