package dev.otherix.apimachinery.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.client.MessageSource.Taken;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class LineStreamTest {
  private static final Duration AT_MOST = Duration.ofSeconds(10);

  private final LineStream lines = new LineStream();

  /// A connection that counts what it is asked, and does something of its own meanwhile: JDK's
  /// connections call the reader and are called by it under one and the same lock.
  private static final class Connection implements Flow.Subscription {
    private final Runnable meanwhile;
    private int requested;
    private boolean cancelled;

    Connection(Runnable meanwhile) {
      this.meanwhile = meanwhile;
    }

    @Override
    public void request(long n) {
      requested += (int) n;
      elsewhere();
    }

    @Override
    public void cancel() {
      cancelled = true;
      elsewhere();
    }

    /// Done by another thread, whose end we wait for.
    private void elsewhere() {
      Thread other = Thread.ofVirtual().start(meanwhile);
      try {
        assertTrue(other.join(AT_MOST), "a lock is held while the connection is called");
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void arrives(String text) {
    lines.onNext(List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
  }

  private String taken() throws InterruptedException {
    Taken.Message message = assertInstanceOf(Taken.Message.class, lines.take(AT_MOST));
    return new String(message.json(), StandardCharsets.UTF_8);
  }

  @Test
  void close_whileTheConnectionEnds_bothGoOn() throws Exception {
    Connection connection = new Connection(lines::onComplete);
    lines.onSubscribe(connection);
    lines.close();
    assertTrue(connection.cancelled);
    assertInstanceOf(Taken.End.class, lines.take(AT_MOST));
  }

  @Test
  void take_whileTheConnectionBreaks_bothGoOn() throws Exception {
    Connection connection =
        new Connection(() -> lines.onError(new IllegalStateException("connection reset")));
    lines.onSubscribe(connection);
    arrives("one\n");
    assertEquals("one", taken());
    assertThrows(ConnectionException.class, () -> lines.take(AT_MOST));
  }

  @Test
  void message_thatIsTooLong_endsTheStreamWhileTheConnectionEnds() {
    Connection connection = new Connection(lines::onComplete);
    lines.onSubscribe(connection);
    lines.onNext(List.of(ByteBuffer.allocate(LineStream.LINE_BYTES_MAX + 1)));
    assertTrue(connection.cancelled);
  }

  @Test
  void lines_inSeveralParts_comeWhole() throws Exception {
    lines.onSubscribe(new Connection(() -> {}));
    arrives("one\ntw");
    arrives("");
    arrives("o\n\n");
    arrives("three");
    lines.onComplete();
    assertEquals("one", taken());
    assertEquals("two", taken());
    assertEquals("three", taken());
    assertInstanceOf(Taken.End.class, lines.take(AT_MOST));
  }

  @Test
  void reader_thatIsSlow_stopsTheConnection() throws Exception {
    Connection connection = new Connection(() -> {});
    lines.onSubscribe(connection);
    String half = "x".repeat(150_000) + "\n";
    arrives(half);
    assertEquals(2, connection.requested);
    arrives(half);
    assertEquals(2, connection.requested, "more than enough waits");
    taken();
    assertEquals(3, connection.requested);
    taken();
    assertEquals(3, connection.requested, "one question is open");
    assertInstanceOf(Taken.Quiet.class, lines.take(Duration.ZERO));
    assertFalse(connection.cancelled);
  }

  @Test
  void close_beforeTheConnectionComes_cancelsIt() {
    Connection connection = new Connection(() -> {});
    lines.close();
    lines.onSubscribe(connection);
    assertTrue(connection.cancelled);
    assertEquals(0, connection.requested);
  }
}
