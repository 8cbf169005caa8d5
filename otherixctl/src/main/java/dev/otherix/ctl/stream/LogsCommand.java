package dev.otherix.ctl.stream;

import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What a machine wrote to its serial console.
@Command(
    name = "logs",
    description = "Prints what a machine wrote to its serial console, without what moves cursors.",
    mixinStandardHelpOptions = true)
public final class LogsCommand implements Callable<Integer> {
  private final Session session;
  private final OutputStream out;

  @Parameters(paramLabel = "NAME", description = "Of which machine.")
  private String name;

  @Option(
      names = "--tail",
      paramLabel = "N",
      description = "Only the last N lines. Default: -1, all")
  private int tail = -1;

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on with what comes.")
  private boolean follow;

  /// @param out where the bytes go
  public LogsCommand(Session session, OutputStream out) {
    this.session = session;
    this.out = out;
  }

  @Override
  public Integer call() throws InterruptedException {
    String path = "/apis/otherix/v1/vms/" + name + "/log";
    if (name.isEmpty() || name.indexOf('/') >= 0) {
      throw new CommandFailure(Exit.USAGE, "\"" + name + "\" is no name of a machine");
    }
    try (ByteSocket socket = session.client().socket(path, "tail=" + tail + "&follow=" + follow)) {
      for (byte[] part = socket.receive(); part != null; part = socket.receive()) {
        out.write(part);
        out.flush();
      }
    } catch (IOException e) {
      throw new CommandFailure("the log cannot be written: " + e.getMessage(), e);
    }
    return Exit.OK.code();
  }
}
