package dev.otherix.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The guest of `hack/image`, built when it is not there.
public final class TestGuest {
  private TestGuest() {}

  public static Path image() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("../hack/image/build").redirectErrorStream(true).start();
    String last = "";
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = line;
      }
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("hack/image/build failed: " + last);
    }
    return Path.of(last);
  }
}
