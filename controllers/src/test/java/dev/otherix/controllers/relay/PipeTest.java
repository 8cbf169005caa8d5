package dev.otherix.controllers.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apiserver.http.MessageStream;
import dev.otherix.apiserver.http.MessageStream.Next;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PipeTest {
  private final Pipe pipe = new Pipe();
  private final AtomicInteger woken = new AtomicInteger();
  private final AtomicInteger room = new AtomicInteger();
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();

  private Next next(MessageStream end) {
    return end.next((bytes, from, length, _) -> read.write(bytes, from, length));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void bytes_goAcross_bothWays_inOrder() {
    pipe.agent().open(woken::incrementAndGet);
    int before = woken.get();
    assertTrue(pipe.person().receive(bytes("a")));
    assertTrue(pipe.person().receive(bytes("b")));
    assertTrue(woken.get() > before);
    assertEquals(Next.MESSAGE, next(pipe.agent()));
    assertEquals(Next.MESSAGE, next(pipe.agent()));
    assertEquals(Next.LATER, next(pipe.agent()));
    assertTrue(pipe.agent().receive(bytes("c")));
    assertEquals(Next.MESSAGE, next(pipe.person()));
    assertEquals("abc", read.toString(StandardCharsets.UTF_8));
  }

  @Test
  void writer_aheadOfTheReader_waitsForRoom() {
    pipe.person().openInput(room::incrementAndGet);
    byte[] part = new byte[64 * 1024];
    int taken = 1;
    while (pipe.person().receive(part)) {
      taken++;
    }
    assertEquals(Flow.BYTES_MAX / part.length, taken);
    assertEquals(0, room.get());
    while (room.get() == 0) {
      assertEquals(Next.MESSAGE, next(pipe.agent()));
    }
    assertTrue(pipe.person().receive(part));
  }

  @Test
  void end_ofOneSide_endsTheOther_behindWhatWasSent() {
    pipe.person().openInput(room::incrementAndGet);
    pipe.agent().receive(bytes("last"));
    pipe.agent().close();
    assertEquals(Next.MESSAGE, next(pipe.person()));
    assertEquals(Next.END, next(pipe.person()));
    assertEquals("last", read.toString(StandardCharsets.UTF_8));
    assertEquals(1, room.get());
    assertTrue(pipe.person().receive(bytes("dropped")));
    assertEquals(Next.END, next(pipe.agent()));
    assertFalse(read.toString(StandardCharsets.UTF_8).contains("dropped"));
  }
}
