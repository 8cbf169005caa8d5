package dev.otherix.agent.network;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Runs the host's network programs.
final class Programs {
  private static final Duration RUN_MAX = Duration.ofSeconds(30);
  private static final int ERROR_CHARACTERS_MAX = 500;
  private static final String ALSO = ":/usr/sbin:/sbin";

  private final String searchPath;

  /// @param searchPath folders of programs, with colons between them
  Programs(String searchPath) {
    this.searchPath = searchPath + ALSO;
  }

  /// What a program printed.
  ///
  /// @param input what it reads
  /// @throws NetworkException when it is not there, fails, or takes too long
  String run(String input, String program, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(find(program)));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).start();
      try {
        return finish(process, input, String.join(" ", command));
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new NetworkException(program + " cannot be run: " + e.getMessage(), e);
    }
  }

  private static String finish(Process process, String input, String command)
      throws IOException, InterruptedException {
    CompletableFuture<String> output = new CompletableFuture<>();
    CompletableFuture<String> errors = new CompletableFuture<>();
    read(process.getInputStream(), output);
    read(process.getErrorStream(), errors);
    try (OutputStream out = process.getOutputStream()) {
      out.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It ended without reading everything; its exit code says why.
    }
    if (!process.waitFor(RUN_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new NetworkException(command + " did not end in " + RUN_MAX.toSeconds() + " s");
    }
    String said = errors.join().strip();
    if (process.exitValue() != 0) {
      String shown = said.substring(0, Math.min(said.length(), ERROR_CHARACTERS_MAX));
      throw new NetworkException(command + " failed: " + shown.replace('\n', ' '));
    }
    return output.join();
  }

  private static void read(java.io.InputStream from, CompletableFuture<String> into) {
    Thread.ofVirtual()
        .start(() -> {
          try (from) {
            into.complete(new String(from.readAllBytes(), StandardCharsets.UTF_8));
          } catch (IOException e) {
            into.completeExceptionally(e);
          }
        });
  }

  /// Where a program is.
  ///
  /// @throws NetworkException when it is nowhere
  String find(String program) {
    for (String folder : searchPath.split(":")) {
      Path file = Path.of(folder, program);
      if (!folder.isEmpty() && Files.isExecutable(file)) {
        return file.toString();
      }
    }
    String inPackage =
        switch (program) {
          case "nft" -> "nftables";
          case "wg" -> "wireguard-tools";
          case "wireguard-go" -> "wireguard-go";
          case "ip", "bridge" -> "iproute2";
          case "unshare" -> "util-linux";
          default -> throw new IllegalArgumentException("no package is known for " + program);
        };
    throw new NetworkException(
        program + " is not installed on this host; apt-get install " + inPackage);
  }
}
