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

final class ConsoleLogsTest {
  @TempDir Path folder;

  @Test
  void cut_belowTheBound_doesNothing() throws IOException {
    Path log = Files.writeString(folder.resolve("serial.log"), "hello");
    ConsoleLogs.cut(log, 5);
    ConsoleLogs.cut(folder.resolve("missing"), 5);
    assertEquals("hello", Files.readString(log));
    assertFalse(Files.exists(folder.resolve("serial.log.1")));
  }

  @Test
  void cut_pastTheBound_keepsOneFormerLog_andTheWriterGoesOn() throws IOException {
    Path log = folder.resolve("serial.log");
    try (OutputStream writer =
        Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      writer.write("first".getBytes(StandardCharsets.UTF_8));
      ConsoleLogs.cut(log, 4);
      writer.write("second".getBytes(StandardCharsets.UTF_8));
      assertEquals("second", Files.readString(log));
      assertEquals("first", Files.readString(folder.resolve("serial.log.1")));
      ConsoleLogs.cut(log, 4);
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
}
