package dev.otherix.agent.images;

import dev.otherix.agent.hypervisor.MachinePlan.Format;
import dev.otherix.agent.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Looks into an image before anybody uses it. What came from elsewhere is read by qemu-img within
/// bounds of memory and time only, and after its header was found to name no other file.
final class ImageCheck {
  private static final Duration MAX = Duration.ofMinutes(5);
  private static final int SAID_BYTES_MAX = 2048;
  private static final int LEAKS = 3;

  private ImageCheck() {}

  /// @throws ImageException when it must not be used
  static ImageHeader header(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(ImageHeader.BYTES);
      return ImageHeader.read(ByteBuffer.wrap(start), Files.size(file));
    }
  }

  /// The same for all of it, which takes a while.
  static ImageHeader whole(Path file) throws IOException, InterruptedException {
    ImageHeader header = header(file);
    if (header.format() == Format.QCOW2) {
      tables(file);
    }
    return header;
  }

  private static void tables(Path file) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "prlimit",
                "--as=" + (2L << 30),
                "--cpu=" + MAX.toSeconds(),
                "--fsize=0",
                "qemu-img",
                "check",
                "-q",
                "-f",
                "qcow2",
                file.toString())
            .redirectErrorStream(true)
            .start();
    try {
      String said =
          new String(process.getInputStream().readNBytes(SAID_BYTES_MAX), StandardCharsets.UTF_8);
      if (!process.waitFor(MAX.toSeconds(), TimeUnit.SECONDS)) {
        throw new ImageException(
            Reason.INVALID, "the image is refused: qemu-img check does not end");
      }
      int code = process.exitValue();
      if (code != 0 && code != LEAKS) {
        throw new ImageException(
            Reason.INVALID,
            "the image is refused: it is damaged: "
                + said.lines().findFirst().orElse("code " + code));
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
