package dev.otherix.apimachinery.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Reads the status line and the headers of an HTTP/1.1 answer.
final class AnswerHead {
  /// Of a line, and of all headers together.
  static final int BYTES_MAX = 256 * 1024;

  private AnswerHead() {}

  /// Where lines come from.
  @FunctionalInterface
  interface Lines {
    /// @throws IOException when the line is longer than `bytesMax`, or there is none
    String next(int bytesMax) throws IOException;
  }

  /// An answer without its body.
  static WireAnswer read(Lines lines) throws IOException {
    String status = lines.next(BYTES_MAX);
    if (!status.startsWith("HTTP/1.1 ") || status.length() < 12) {
      throw new IOException("no HTTP/1.1 answer: " + status);
    }
    int code = Integer.parseInt(status.substring(9, 12));
    Map<String, List<String>> headers = new LinkedHashMap<>();
    int room = BYTES_MAX;
    for (String line = lines.next(room); !line.isEmpty(); line = lines.next(room)) {
      room -= line.length();
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException("a header without a name: " + line);
      }
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>(1))
          .add(line.substring(colon + 1).strip());
    }
    return new WireAnswer(code, headers, new byte[0]);
  }
}
