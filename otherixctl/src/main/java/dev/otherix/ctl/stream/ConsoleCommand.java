package dev.otherix.ctl.stream;

import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.ctl.connect.Session;
import dev.otherix.ctl.failure.CommandFailure;
import dev.otherix.ctl.failure.Exit;
import dev.otherix.ctl.progress.Terminal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A machine's serial console at this terminal.
@Command(
    name = "console",
    description = {
      "Connects this terminal with a machine's serial console; Ctrl+] detaches.",
      "One terminal at a time may have it. Begins with the end of its log."
    },
    mixinStandardHelpOptions = true)
public final class ConsoleCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int UNAVAILABLE = 503;
  private static final int UNAUTHORISED = 401;

  private final Session session;
  private final Terminal terminal;
  private final OutputStream screen;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "Of which machine.")
  private String name;

  @Option(
      names = "--tail",
      paramLabel = "N",
      description = "With how many lines of the log to begin. Default: 20")
  private int tail = 20;

  @Option(
      names = "--reconnect",
      paramLabel = "SECONDS",
      description = "How long to try again when the connection breaks. Default: 60")
  private int reconnect = 60;

  /// @param screen where the console's bytes go
  public ConsoleCommand(Session session, Terminal terminal, OutputStream screen) {
    this.session = session;
    this.terminal = terminal;
    this.screen = screen;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!terminal.interactive()) {
      throw new CommandFailure(
          Exit.USAGE, "a console needs a terminal; to read it, use: otherixctl vm logs " + name);
    }
    PrintWriter err = spec.commandLine().getErr();
    ApiClient client = session.client();
    ByteSocket first = open(client, tail);
    err.println("connected to " + name + "; Ctrl+] detaches");
    err.flush();
    String why;
    // Another terminal than the process's own, as in a test, is not ours to set.
    try (RawTerminal raw = terminal.input().equals(System.in) ? RawTerminal.open() : null) {
      why = talk(client, first, Keys.of(terminal.input()), raw == null ? "\n" : "\r\n", err);
    }
    err.println();
    err.println(why);
    return Exit.OK.code();
  }

  private ByteSocket open(ApiClient client, int lines) throws InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("tailLines", lines);
    return MachineStream.open(client, "console", name, body);
  }

  /// @return why it is over
  private String talk(ApiClient client, ByteSocket first, Keys keys, String end, PrintWriter err)
      throws InterruptedException {
    ByteSocket socket = first;
    while (true) {
      carry(socket, keys);
      if (keys.detached()) {
        return "detached from " + name;
      }
      err.print(end + "[otherix: the connection ended; trying again]" + end);
      err.flush();
      Again again = again(client, keys);
      if (again.socket == null) {
        return again.why;
      }
      socket = again.socket;
    }
  }

  private record Again(@Nullable ByteSocket socket, String why) {}

  /// Only what may pass is tried again: a server or an agent that restarts.
  private Again again(ApiClient client, Keys keys) throws InterruptedException {
    long until = System.nanoTime() + Duration.ofSeconds(reconnect).toNanos();
    while (true) {
      String why;
      try {
        return new Again(open(client, 0), "");
      } catch (ApiException e) {
        why = e.status().message();
        // A token is lost when the server that issued it restarts.
        boolean passing = e.code() == UNAVAILABLE || e.code() == UNAUTHORISED;
        if (!passing) {
          return new Again(null, why);
        }
      } catch (ConnectionException e) {
        why = String.valueOf(e.getMessage());
      }
      if (keys.detached()) {
        return new Again(null, "detached from " + name);
      }
      if (System.nanoTime() - until >= 0) {
        return new Again(null, "no connection any more: " + why);
      }
      Thread.sleep(RETRY);
    }
  }

  private void carry(ByteSocket socket, Keys keys) throws InterruptedException {
    Thread shown = Thread.ofVirtual().name("screen").start(() -> show(socket));
    try (socket) {
      while (shown.isAlive() && !keys.detached()) {
        byte[] typed = keys.next(LOOK);
        if (typed != null) {
          socket.send(typed, 0, typed.length);
        }
      }
    } catch (ConnectionException _) {
      // As when the other side ended: whether to try again is decided by asking.
      shown.interrupt();
    }
    shown.join();
  }

  private void show(ByteSocket socket) {
    try (socket) {
      for (byte[] part = socket.receive(); part != null; part = socket.receive()) {
        screen.write(part);
        screen.flush();
      }
    } catch (ConnectionException | IOException _) {
      // The loop of the keys sees that nothing is shown any more.
      Thread.currentThread().interrupt();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
