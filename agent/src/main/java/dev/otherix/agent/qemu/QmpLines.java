package dev.otherix.agent.qemu;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// Cuts what arrives into lines, however it was torn on the way. For one thread.
final class QmpLines {
  private final int bytesMax;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  QmpLines(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /// Takes all that remains in `bytes`; empty lines are left out.
  ///
  /// @throws QmpException when a line is too long
  void add(ByteBuffer bytes, Consumer<byte[]> whole) {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next == '\n' || next == '\r') {
        if (line.size() > 0) {
          byte[] taken = line.toByteArray();
          line.reset();
          whole.accept(taken);
        }
        continue;
      }
      if (line.size() >= bytesMax) {
        throw new QmpException("the monitor sent a line of more than " + bytesMax + " bytes");
      }
      line.write(next);
    }
  }
}
