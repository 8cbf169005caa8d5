package dev.otherix.e2e.clients;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Files that belong to these tests.
final class TestFile {
  private TestFile() {}

  static String text(String path) throws IOException {
    try (InputStream in = TestFile.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
