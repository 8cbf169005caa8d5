package dev.otherix.agent.machines;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A process beside the agent that keeps the agent's promises when it cannot: machines live on
/// without their agent, and one that crashed must not leave them running while they are made anew
/// elsewhere. One for each agent's folder; it outlives the agent, and ends when nothing is
/// promised. Thread-safe.
public final class FenceGuard {
  private static final System.Logger LOG = System.getLogger(FenceGuard.class.getName());
  private static final String NAME = "otherix-fence-guard";

  private final Path folder;

  /// @param folder of the agent
  public FenceGuard(Path folder) {
    this.folder = folder.toAbsolutePath();
  }

  /// Starts it unless it runs.
  ///
  /// @return whether it runs
  public synchronized boolean ensure() {
    if (find().isPresent()) {
      return true;
    }
    try {
      Process process =
          new ProcessBuilder("/bin/sh", "-c", script(), NAME, folder.toString())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      Files.writeString(pidFile(), Long.toString(process.pid()));
      LOG.log(System.Logger.Level.INFO, "fence guard started pid={0}", process.pid());
      return true;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.ERROR, "the fence guard cannot be started", e);
      return false;
    }
  }

  /// The one that this or an earlier agent started. The host uses pids again, so the process must
  /// show what it is.
  Optional<ProcessHandle> find() {
    try {
      if (!Files.exists(pidFile())) {
        return Optional.empty();
      }
      long pid = Long.parseLong(Files.readString(pidFile()).strip());
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .filter(each ->
              each.info()
                  .arguments()
                  .map(all -> List.of(all).containsAll(List.of(NAME, folder.toString())))
                  .orElse(false));
    } catch (NumberFormatException _) {
      // Written halfway by an agent that was killed.
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(pidFile() + " cannot be read", e);
    }
  }

  private Path pidFile() {
    return folder.resolve("fence-guard.pid");
  }

  private static String script() throws IOException {
    try (InputStream in = FenceGuard.class.getResourceAsStream("fence-guard.sh")) {
      if (in == null) {
        throw new IllegalStateException("fence-guard.sh is not in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
