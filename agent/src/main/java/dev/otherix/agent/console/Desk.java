package dev.otherix.agent.console;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// Opens the streams of this node's machines: one console of each, any number of screens and
/// readers of the log. Thread-safe.
public final class Desk {
  private final Function<String, Optional<Machine>> machines;
  private final Function<String, Path> logFiles;
  private final ConsoleLogs logs;
  private final Pause pause;

  /// The machines whose console somebody has.
  private final Set<String> consoles = ConcurrentHashMap.newKeySet();

  /// @param machines that run, by uid
  /// @param logFiles of machines, by uid
  public Desk(
      Function<String, Optional<Machine>> machines,
      Function<String, Path> logFiles,
      ConsoleLogs logs,
      Pause pause) {
    this.machines = machines;
    this.logFiles = logFiles;
    this.logs = logs;
    this.pause = pause;
  }

  /// What is asked for.
  ///
  /// @param stream `console`, `vnc` or `log`
  /// @param tail how many lines of the log come first; -1 for all
  record Order(String stream, String uid, String vm, int tail, boolean follow) {
    static Order of(JsonNode call) {
      return new Order(
          call.path("stream").asString(""),
          call.path("uid").asString(""),
          call.path("vm").asString(""),
          call.path("tail").asInt(0),
          call.path("follow").asBoolean(false));
    }
  }

  /// Something to carry over a socket, until it or the socket ends.
  interface Stream extends AutoCloseable {
    void carry(ByteSocket socket) throws InterruptedException;

    @Override
    void close();
  }

  /// @throws ApiException why it cannot be had
  /// @throws HypervisorException when the machine does not answer
  Stream open(Order order) {
    return switch (order.stream) {
      case "console" -> console(order);
      case "vnc" -> new ScreenStream(machine(order).display());
      case "log" -> new LogStream(logs, logFiles.apply(order.uid), order.tail, order.follow, pause);
      default ->
          throw ApiException.badRequest(
              "this agent has no stream \"" + order.stream + "\"; is it older than the server?");
    };
  }

  private Machine machine(Order order) {
    return machines
        .apply(order.uid)
        .orElseThrow(() ->
            conflict(order, "it does not run; start it with: otherixctl vm start " + order.vm));
  }

  private Stream console(Order order) {
    Machine machine = machine(order);
    if (!consoles.add(order.uid)) {
      throw conflict(order, "its console is in use by somebody else");
    }
    boolean opened = false;
    try {
      ByteChannel line = machine.console();
      Path log = logFiles.apply(order.uid);
      ConsoleStream stream =
          new ConsoleStream(
              line, logs, log, logs.tail(log, order.tail), () -> consoles.remove(order.uid));
      opened = true;
      return stream;
    } finally {
      if (!opened) {
        consoles.remove(order.uid);
      }
    }
  }

  private static ApiException conflict(Order order, String detail) {
    return ApiException.of(
        StatusReason.CONFLICT, "the " + order.stream + " of " + order.vm + ": " + detail);
  }
}
