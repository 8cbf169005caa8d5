package dev.otherix.e2e.clients;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A kubectl on this machine.
record Kubectl(Path binary, Release release) {
  private static final Pattern VERSION = Pattern.compile("\"gitVersion\": \"([^\"]+)\"");

  /// Those named in `KUBECTL_BINARIES` (a list like `PATH`); else every `kubectl.1.NN` beside the
  /// kubectl of the `PATH`; else that one. Oldest first.
  static List<Kubectl> all() throws IOException, InterruptedException {
    List<Kubectl> found = new ArrayList<>();
    for (Path binary : binaries(System.getenv("KUBECTL_BINARIES"), System.getenv("PATH"))) {
      found.add(new Kubectl(binary, releaseOf(binary)));
    }
    found.sort((left, right) -> left.release.compareTo(right.release));
    return List.copyOf(found);
  }

  private static List<Path> binaries(@Nullable String named, @Nullable String path)
      throws IOException {
    if (named != null && !named.isBlank()) {
      return Stream.of(named.split(File.pathSeparator)).map(Path::of).toList();
    }
    for (String directory : (path == null ? "" : path).split(File.pathSeparator)) {
      Path first = Path.of(directory, "kubectl");
      if (Files.isExecutable(first)) {
        List<Path> beside = beside(first.toRealPath());
        return beside.isEmpty() ? List.of(first) : beside;
      }
    }
    throw new IllegalStateException(
        "there is no kubectl: install Debian's kubernetes-client, or name some in KUBECTL_BINARIES");
  }

  private static List<Path> beside(Path kubectl) throws IOException {
    try (Stream<Path> files = Files.list(kubectl.resolveSibling("."))) {
      return files
          .filter(file -> file.getFileName().toString().matches("kubectl\\.1\\.\\d+"))
          .map(Path::normalize)
          .toList();
    }
  }

  private static Release releaseOf(Path binary) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(binary.toString(), "version", "--client", "-o", "json")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher matcher = VERSION.matcher(text);
    if (process.waitFor() != 0 || !matcher.find()) {
      throw new IllegalStateException(binary + " does not tell its version: " + text);
    }
    return Release.parse(matcher.group(1));
  }

  @Override
  public String toString() {
    return "kubectl " + release;
  }
}
