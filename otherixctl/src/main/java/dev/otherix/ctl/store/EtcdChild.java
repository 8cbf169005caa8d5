package dev.otherix.ctl.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// A running etcd and the guard beside it, a shell that ends it when this process is gone. Their
/// ids are pinned down by what the processes show of themselves, because the host uses ids again.
/// Thread-safe.
final class EtcdChild implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(EtcdChild.class.getName());
  private static final Duration END_MAX = Duration.ofSeconds(15);
  private static final String GUARD = "otherix-etcd-guard";

  private final Process guard;
  private final ProcessHandle etcd;
  private final CompletableFuture<?> end;

  private EtcdChild(Process guard, ProcessHandle etcd) {
    this.guard = guard;
    this.etcd = etcd;
    this.end = CompletableFuture.anyOf(guard.onExit(), etcd.onExit());
  }

  /// @param reader is told every line that it prints
  static EtcdChild start(List<String> command, Path pidFile, Consumer<String> reader)
      throws IOException {
    List<String> guarded = new ArrayList<>(List.of("/bin/sh", "-c", script(), GUARD));
    guarded.addAll(command);
    Process guard = new ProcessBuilder(guarded).redirectErrorStream(true).start();
    BufferedReader out = guard.inputReader(StandardCharsets.UTF_8);
    String first = String.valueOf(out.readLine());
    try {
      ProcessHandle etcd = ProcessHandle.of(Long.parseLong(first)).orElse(guard.toHandle());
      Files.writeString(pidFile, first);
      // Reading from a pipe holds the thread that a virtual one runs on.
      Thread.ofPlatform().daemon().name("etcd-log").start(() -> forward(out, reader));
      return new EtcdChild(guard, etcd);
    } catch (NumberFormatException e) {
      guard.destroyForcibly();
      throw new IOException("the guard of etcd says " + first, e);
    }
  }

  private static String script() throws IOException {
    try (InputStream in = EtcdChild.class.getResourceAsStream("etcd-guard.sh")) {
      if (in == null) {
        throw new IllegalStateException("etcd-guard.sh is not in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void forward(BufferedReader out, Consumer<String> reader) {
    try (out) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        LOG.log(Level.INFO, "etcd: {0}", line);
        reader.accept(line);
      }
    } catch (IOException e) {
      // The pipe ends with the process.
      LOG.log(Level.DEBUG, "no more lines of etcd", e);
    }
  }

  long pid() {
    return etcd.pid();
  }

  /// Ends what a server that was killed together with its guard left behind. A process that does
  /// not show that it is this etcd is left alone.
  static void endFormer(Path pidFile, Path data) throws IOException {
    if (!Files.exists(pidFile)) {
      return;
    }
    String text = Files.readString(pidFile).strip();
    if (text.isEmpty() || !text.chars().allMatch(Character::isDigit)) {
      return;
    }
    ProcessHandle.of(Long.parseLong(text))
        .filter(each -> isOf(each, data))
        .ifPresent(former -> {
          LOG.log(Level.WARNING, "ending the etcd of a former server pid={0}", former.pid());
          end(former);
        });
    Files.deleteIfExists(pidFile);
  }

  private static boolean isOf(ProcessHandle process, Path data) {
    return process
        .info()
        .arguments()
        .map(all -> Arrays.asList(all).contains("--data-dir=" + data))
        .orElse(false);
  }

  private static void end(ProcessHandle process) {
    process.destroy();
    if (!gone(process)) {
      process.destroyForcibly();
      if (!gone(process)) {
        throw new UncheckedIOException(
            new IOException("the former etcd does not end: end process " + process.pid()));
      }
    }
  }

  private static boolean gone(ProcessHandle process) {
    try {
      process.onExit().get(END_MAX.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a process that cannot be waited for", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Waits until etcd or its guard has ended.
  ///
  /// @return false when the time is over
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    try {
      end.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a process that cannot be waited for", e);
    }
  }

  /// Ends both; etcd by asking it.
  @Override
  public void close() {
    try {
      guard.getOutputStream().close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "the guard of etcd has ended", e);
    }
    if (!gone(etcd)) {
      etcd.destroyForcibly();
    }
    if (guard.isAlive() && !gone(guard.toHandle())) {
      guard.destroyForcibly();
    }
  }
}
