package dev.otherix.agent.qemu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.fuzz.Fuzz;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Whatever stands behind the socket, what it sends becomes messages or one kind of failure.
final class QmpFuzzTest {
  private static final int LINE_BYTES_MAX = 4096;

  @Test
  void read_anyBytes_areMessagesOrFail() {
    Fuzz.runText(
        "qmp",
        text -> {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          QmpLines lines = new QmpLines(LINE_BYTES_MAX);
          try {
            for (int from = 0; from < bytes.length; from += 7) {
              int length = Math.min(7, bytes.length - from);
              lines.add(ByteBuffer.wrap(bytes, from, length), QmpFuzzTest::check);
            }
          } catch (QmpException e) {
            assertFalse(String.valueOf(e.getMessage()).isBlank());
          }
        });
  }

  private static void check(byte[] line) {
    assertTrue(line.length > 0 && line.length <= LINE_BYTES_MAX);
    switch (QmpMessage.read(line)) {
      case QmpMessage.Greeting greeting -> assertFalse(greeting.version().isEmpty());
      case QmpMessage.Event event -> assertTrue(event.data().isObject());
      case QmpMessage.Answer answer -> assertFalse(answer.value().isMissingNode());
      case QmpMessage.Refusal refusal -> assertFalse(refusal.description() == null);
    }
  }
}
