package dev.otherix.agent.console;

import dev.otherix.apimachinery.client.Pause;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Supplier;

/// Keeps console logs from filling the disk: one that has grown past its bound is cut, and what it
/// held is kept as one former log. QEMU writes the files and announces nothing, so their sizes are
/// looked at now and then; it appends, and goes on in the cut file.
///
/// What QEMU writes between the copy and the cut is lost; that are microseconds.
public final class ConsoleLogs implements AutoCloseable {
  /// Of one log; a machine has two of them at most.
  static final long BYTES_MAX = 8 * 1024 * 1024;

  private static final System.Logger LOG = System.getLogger(ConsoleLogs.class.getName());
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final String FORMER = ".1";

  private final Supplier<Collection<Path>> logs;
  private final Pause pause;
  private final Thread thread;

  private ConsoleLogs(Supplier<Collection<Path>> logs, Pause pause) {
    this.logs = logs;
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("console-logs").unstarted(this::run);
  }

  /// @param logs of the machines that there are now
  public static ConsoleLogs watch(Supplier<Collection<Path>> logs, Pause pause) {
    ConsoleLogs watched = new ConsoleLogs(logs, pause);
    watched.thread.start();
    return watched;
  }

  private void run() {
    try {
      while (true) {
        for (Path log : logs.get()) {
          cutSafely(log);
        }
        pause.await(EVERY);
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "console logs are no longer watched");
    }
  }

  private static void cutSafely(Path log) {
    try {
      cut(log, BYTES_MAX);
    } catch (UncheckedIOException e) {
      // The other machines' logs are to be cut all the same; this one is tried again.
      LOG.log(System.Logger.Level.WARNING, "console log not cut file={0} error={1}", log, e);
    }
  }

  /// Cuts the log when it has more bytes than that. A log that is missing is left alone.
  static void cut(Path log, long bytesMax) {
    try {
      if (!Files.exists(log) || Files.size(log) <= bytesMax) {
        return;
      }
      Path former = log.resolveSibling(log.getFileName() + FORMER);
      Files.copy(log, former, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
        file.truncate(0);
      }
      LOG.log(System.Logger.Level.INFO, "console log cut file={0}", log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot cut the console log " + log, e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
