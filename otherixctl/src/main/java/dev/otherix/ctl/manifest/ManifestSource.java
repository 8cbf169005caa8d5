package dev.otherix.ctl.manifest;

import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.ctl.failure.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A file or address that `-f` names, read.
///
/// @param name how errors call it
public record ManifestSource(String name, byte[] bytes) {
  private static final String STANDARD_INPUT = "-";
  private static final int FILES_MAX = 10_000;
  private static final int FOLDERS_DEEP_MAX = 32;
  private static final int FETCH_MILLIS_MAX = 30_000;

  /// The files behind the arguments of `-f`: a file, a folder with all manifests below it, an http
  /// or https address, or `-` for standard input. In the order of the arguments, a folder's files
  /// by name.
  ///
  /// @throws CommandFailure when something cannot be read
  public static List<ManifestSource> of(List<String> arguments, InputStream standardInput) {
    List<ManifestSource> sources = new ArrayList<>();
    for (String argument : arguments) {
      try {
        if (argument.equals(STANDARD_INPUT)) {
          sources.add(new ManifestSource("standard input", limited(argument, standardInput)));
        } else if (argument.startsWith("https://") || argument.startsWith("http://")) {
          sources.add(new ManifestSource(argument, fetched(argument)));
        } else {
          for (Path file : files(Path.of(argument))) {
            try (InputStream in = Files.newInputStream(file)) {
              sources.add(new ManifestSource(file.toString(), limited(file.toString(), in)));
            }
          }
        }
      } catch (IOException | IllegalArgumentException e) {
        throw new CommandFailure("cannot read " + argument + ": " + reason(e), e);
      }
    }
    return sources;
  }

  private static byte[] fetched(String address) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(address).toURL().openConnection();
    connection.setConnectTimeout(FETCH_MILLIS_MAX);
    connection.setReadTimeout(FETCH_MILLIS_MAX);
    try {
      if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
        throw new IOException("answered " + connection.getResponseCode());
      }
      try (InputStream in = connection.getInputStream()) {
        return limited(address, in);
      }
    } finally {
      connection.disconnect();
    }
  }

  private static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> below = Files.walk(path, FOLDERS_DEEP_MAX)) {
      List<Path> found =
          below
              .filter(each -> isManifest(each.toString()) && Files.isRegularFile(each))
              .sorted()
              .limit(FILES_MAX + 1L)
              .toList();
      if (found.isEmpty()) {
        throw new CommandFailure(
            "the folder " + path + " holds no .yaml, .yml or .json file; name another");
      }
      if (found.size() > FILES_MAX) {
        throw new CommandFailure("the folder " + path + " holds more than " + FILES_MAX + " files");
      }
      return found;
    }
  }

  private static boolean isManifest(String name) {
    return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
  }

  private static byte[] limited(String name, InputStream in) throws IOException {
    int max = Limits.MANIFEST.bytesMax();
    byte[] bytes = in.readNBytes(max + 1);
    if (bytes.length > max) {
      throw new CommandFailure(name + " has more than " + max + " bytes; split it");
    }
    return bytes;
  }

  private static String reason(Exception e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "no such file"
        : String.valueOf(e.getMessage());
  }
}
