package dev.otherix.agent.console;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.agent.hypervisor.Machine;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// Opens the streams of this node's machines: one console of each, any number of screens and
/// readers of the log, and conversations with their ports. Thread-safe.
public final class Desk {
  private static final int TALKS_MAX = 32;

  private final Function<String, Optional<Machine>> machines;
  private final Function<String, Path> logFiles;
  private final ConsoleLogs logs;
  private final GuestPorts ports;
  private final Pause pause;

  /// The machines whose console somebody has.
  private final Set<String> consoles = ConcurrentHashMap.newKeySet();

  /// How many talk to a machine's ports, by its uid; none of them zero.
  private final Map<String, Integer> talks = new ConcurrentHashMap<>();

  /// @param machines that run, by uid
  /// @param logFiles of machines, by uid
  /// @param ports of the guests
  public Desk(
      Function<String, Optional<Machine>> machines,
      Function<String, Path> logFiles,
      ConsoleLogs logs,
      GuestPorts ports,
      Pause pause) {
    this.machines = machines;
    this.logFiles = logFiles;
    this.logs = logs;
    this.ports = ports;
    this.pause = pause;
  }

  /// What is asked for.
  ///
  /// @param stream `console`, `vnc`, `log` or `portforward`
  /// @param tail how many lines of the log come first; -1 for all
  /// @param port of the guest
  record Order(String stream, String uid, String vm, int tail, boolean follow, int port) {
    static Order of(JsonNode call) {
      return new Order(
          call.path("stream").asString(""),
          call.path("uid").asString(""),
          call.path("vm").asString(""),
          call.path("tail").asInt(0),
          call.path("follow").asBoolean(false),
          call.path("port").asInt(0));
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
  Stream open(Order order) throws InterruptedException {
    return switch (order.stream) {
      case "console" -> console(order);
      case "vnc" -> new ScreenStream(machine(order).display());
      case "log" -> new LogStream(logs, logFiles.apply(order.uid), order.tail, order.follow, pause);
      case "portforward" -> port(order);
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

  private Stream port(Order order) throws InterruptedException {
    machine(order);
    int now = talks.merge(order.uid, 1, Integer::sum);
    boolean opened = false;
    try {
      if (now > TALKS_MAX) {
        throw conflict(order, "it has " + TALKS_MAX + " connections already; end some");
      }
      PortStream stream =
          new PortStream(ports.connect(order.uid, order.vm, order.port), () -> ended(order.uid));
      opened = true;
      return stream;
    } finally {
      if (!opened) {
        ended(order.uid);
      }
    }
  }

  private void ended(String uid) {
    talks.computeIfPresent(uid, (_, count) -> count > 1 ? count - 1 : null);
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
