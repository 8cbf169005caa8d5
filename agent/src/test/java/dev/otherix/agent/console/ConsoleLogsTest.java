package dev.otherix.agent.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.otherix.apimachinery.client.Pause;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConsoleLogsTest {
  @TempDir Path folder;
  private final ConsoleLogs logs = ConsoleLogs.of(List::of, Pause.real());

  @Test
  void cut_belowTheBound_doesNothing() throws IOException {
    Path log = Files.writeString(folder.resolve("serial.log"), "hello");
    logs.cut(log, 5);
    logs.cut(folder.resolve("missing"), 5);
    assertEquals("hello", Files.readString(log));
    assertFalse(Files.exists(folder.resolve("serial.log.1")));
  }

  @Test
  void cut_pastTheBound_keepsOneFormerLog_andTheWriterGoesOn() throws IOException {
    Path log = folder.resolve("serial.log");
    try (OutputStream writer =
        Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      writer.write("first".getBytes(StandardCharsets.UTF_8));
      logs.cut(log, 4);
      writer.write("second".getBytes(StandardCharsets.UTF_8));
      assertEquals("second", Files.readString(log));
      assertEquals("first", Files.readString(folder.resolve("serial.log.1")));
      logs.cut(log, 4);
      assertEquals("", Files.readString(log));
      assertEquals("second", Files.readString(folder.resolve("serial.log.1")));
    }
  }

  @Test
  void watch_logOfAMachine_isCut_alsoWhenAnotherCannotBe() throws IOException {
    Path log = folder.resolve("serial.log");
    Path odd = folder.resolve("odd.log");
    // Its former log cannot be replaced: that is a folder with something in it.
    Files.createDirectories(folder.resolve("odd.log.1").resolve("in"));
    for (Path each : List.of(odd, log)) {
      Files.write(each, new byte[(int) ConsoleLogs.BYTES_MAX + 1]);
    }
    try (ConsoleLogs _ = ConsoleLogs.watch(() -> List.of(odd, log), Pause.real())) {
      await().atMost(Duration.ofSeconds(20)).until(() -> Files.size(log) == 0);
    }
  }

  private static String text(ConsoleLogs.Piece piece) {
    return new String(piece.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void read_overACut_goesOn_andTellsWhatWasLost() throws IOException {
    Path log = Files.writeString(folder.resolve("serial.log"), "one\n");
    long start = logs.tail(log, -1);
    ConsoleLogs.Piece first = logs.read(log, start);
    assertEquals("one\n", text(first));
    Files.writeString(log, "two\n", StandardOpenOption.APPEND);
    logs.cut(log, 4);
    Files.writeString(log, "three\n", StandardOpenOption.APPEND);
    ConsoleLogs.Piece second = logs.read(log, first.next());
    assertEquals("two\n", text(second));
    ConsoleLogs.Piece third = logs.read(log, second.next());
    assertEquals("three\n", text(third));
    assertEquals("", text(logs.read(log, third.next())));
    logs.cut(log, 4);
    ConsoleLogs.Piece late = logs.read(log, first.next());
    assertEquals(4, late.lost());
    assertEquals("three\n", text(late));
  }

  @ParameterizedTest
  @CsvSource({"-1,a b c d", "0,''", "1,d", "2,c d", "3,b c d", "4,a b c d", "9,a b c d"})
  void tail_lines_overBothFiles(int lines, String expected) throws IOException {
    Path log = Files.writeString(folder.resolve("serial.log"), "a\nb\n");
    logs.cut(log, 1);
    Files.writeString(log, "c\nd", StandardOpenOption.APPEND);
    StringBuilder out = new StringBuilder();
    long position = logs.tail(log, lines);
    for (ConsoleLogs.Piece piece = logs.read(log, position); piece.bytes().length > 0; ) {
      out.append(text(piece));
      piece = logs.read(log, piece.next());
    }
    assertEquals(expected, out.toString().replace('\n', ' ').strip());
  }

  @Test
  void read_logThatIsNotThere_isEmpty() {
    assertEquals("", text(logs.read(folder.resolve("none"), logs.tail(folder.resolve("none"), 5))));
  }
}
