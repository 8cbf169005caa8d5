package dev.otherix.ctl;

import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Terminal;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One of the daemons that [DevCommand] runs: its command on a thread of this process. It stops as
/// it does alone, by the hook that it gives to the virtual machine.
final class DevPart {
  private static final Duration READY_MAX = Duration.ofSeconds(60);

  private final String title;
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  private DevPart(String title) {
    this.title = title;
  }

  /// Takes what the daemon prints, whose one line says that it is ready.
  private final class Lines extends Writer {
    private final StringBuilder line = new StringBuilder();

    @Override
    public void write(char[] text, int from, int length) {
      line.append(text, from, length);
      int end = line.indexOf("\n");
      if (end >= 0) {
        ready.complete(line.substring(0, end));
        line.setLength(0);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /// @param over completed when the daemon fails
  static DevPart start(
      String title, CompletableFuture<CommandFailure> over, PrintWriter err, String... arguments) {
    DevPart part = new DevPart(title);
    Thread.ofPlatform().name(title).daemon().start(() -> part.run(over, err, arguments));
    return part;
  }

  private void run(CompletableFuture<CommandFailure> over, PrintWriter err, String... arguments) {
    Session session = new Session(Map.of());
    Terminal terminal = new Terminal(false, false, InputStream.nullInputStream());
    int exit =
        Otherixctl.commandLine(session, terminal, arguments[0])
            .setOut(new PrintWriter(new Lines(), true))
            .setErr(err)
            .execute(arguments);
    CommandFailure failure = new CommandFailure(title + " ended with " + exit);
    ready.completeExceptionally(failure);
    if (exit != Exit.OK.code()) {
      over.complete(failure);
    }
  }

  /// The line by which it said that it is ready.
  String awaitReady() throws InterruptedException {
    try {
      return ready.get(READY_MAX.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new CommandFailure(title + " ended before it was ready", e);
    } catch (TimeoutException e) {
      throw new CommandFailure(title + " is not ready after " + READY_MAX.toSeconds() + " s", e);
    }
  }
}
