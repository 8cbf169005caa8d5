package dev.otherix.agent.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.apimachinery.fuzz.Fuzz;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ImageHeaderTest {
  private static ByteBuffer qcow2() {
    ByteBuffer header = ByteBuffer.allocate(1024);
    header.putInt(0, 0x514649fb).putInt(4, 3).putLong(24, 1 << 20).putInt(100, 104);
    return header;
  }

  @Test
  void read_plainQcow2_tellsItsSize() {
    assertEquals(new ImageHeader(Format.QCOW2, 1 << 20), ImageHeader.read(qcow2(), 1024));
  }

  @Test
  void read_anythingElse_isRaw() {
    assertEquals(
        new ImageHeader(Format.RAW, 1024), ImageHeader.read(ByteBuffer.allocate(1024), 1024));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void read_dangerousHeader_isRefused(Consumer<ByteBuffer> change, String why) {
    ByteBuffer header = qcow2();
    change.accept(header);
    ImageException e = assertThrows(ImageException.class, () -> ImageHeader.read(header, 1024));
    assertEquals(ImageException.Reason.INVALID, e.reason());
    assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        bad(h -> h.putLong(8, 512), "backing file"),
        bad(h -> h.putLong(72, 4), "another file"),
        bad(h -> h.putLong(72, 1L << 40), "not known"),
        bad(h -> h.putInt(4, 9), "version 9"),
        bad(h -> h.putInt(32, 1), "encrypted"),
        bad(h -> h.putLong(24, -1), "-1 bytes"),
        bad(h -> h.putInt(104, 0x44415441).putInt(108, 4), "names another file"),
        bad(h -> h.putInt(104, 7).putInt(108, 100_000), "100000 bytes long"),
        bad(h -> h.putInt(100, 8), "has 8 bytes"));
  }

  private static Arguments bad(Consumer<ByteBuffer> change, String why) {
    return Arguments.of(change, why);
  }

  @Test
  void read_oddFile_isRefused() {
    assertThrows(ImageException.class, () -> ImageHeader.read(ByteBuffer.allocate(700), 700));
  }

  @Test
  void read_anyBytes_areAHeaderOrRefused() {
    Fuzz.run(
        "image-header",
        bytes -> {
          byte[] magic = ByteBuffer.allocate(4).putInt(0x514649fb).array();
          ByteBuffer all = ByteBuffer.allocate(bytes.length + 4).put(magic).put(bytes).flip();
          try {
            assertTrue(ImageHeader.read(all, 1024).virtualBytes() > 0);
          } catch (ImageException e) {
            assertEquals(ImageException.Reason.INVALID, e.reason());
          }
        });
  }
}
