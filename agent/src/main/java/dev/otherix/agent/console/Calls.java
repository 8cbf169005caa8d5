package dev.otherix.agent.console;

import dev.otherix.agent.hypervisor.HypervisorException;
import dev.otherix.apimachinery.client.ApiClient;
import dev.otherix.apimachinery.client.ByteSocket;
import dev.otherix.apimachinery.client.ConnectionException;
import dev.otherix.apimachinery.client.MessageSource;
import dev.otherix.apimachinery.client.MessageSource.Taken;
import dev.otherix.apimachinery.client.Pause;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Holds the connection by which the server calls this node, and answers: each call is a stream of
/// a machine, which the [Desk] opens, on a connection and a thread of its own.
public final class Calls implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Calls.class.getName());
  private static final int OPEN_MAX = 128;
  private static final Duration RETRY = Duration.ofSeconds(1);

  /// A line that is quiet that long is opened anew: nobody would notice that it is dead.
  private static final Duration QUIET_MAX = Duration.ofMinutes(2);

  private final ApiClient client;
  private final String path;
  private final String query;
  private final Desk desk;
  private final Pause pause;
  private final Thread thread;
  private final Set<ByteSocket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private Calls(ApiClient client, String node, String line, Desk desk, Pause pause) {
    this.client = client;
    this.path = "/v1/calls/" + node;
    this.query = "line=" + line;
    this.desk = desk;
    this.pause = pause;
    this.thread = Thread.ofVirtual().name("calls").unstarted(this::run);
  }

  /// @param line what this line is called, so that the server knows it again; letters and digits
  public static Calls start(ApiClient client, String node, String line, Desk desk, Pause pause) {
    Calls calls = new Calls(client, node, line, desk, pause);
    calls.thread.start();
    return calls;
  }

  private void run() {
    boolean told = false;
    try {
      while (true) {
        try {
          MessageSource line = client.messages(path, query);
          told = false;
          listen(line);
        } catch (ApiException | ConnectionException e) {
          if (!told) {
            LOG.log(Level.INFO, "cannot be called error={0}", e.getMessage());
          }
          told = true;
          pause.await(RETRY);
        }
      }
    } catch (InterruptedException _) {
      LOG.log(Level.DEBUG, "calls are no longer taken");
    }
  }

  private void listen(MessageSource first) throws InterruptedException {
    MessageSource line = first;
    try {
      while (true) {
        switch (line.take(QUIET_MAX)) {
          case Taken.Message(byte[] json) -> {
            JsonNode call = Json.decode(json, Limits.STORED).tree();
            Thread.ofVirtual().name("call").start(() -> answer(call));
          }
          case Taken.Quiet _ -> {
            // The next before the former ends, so that the node can always be called.
            MessageSource next = client.messages(path, query);
            line.close();
            line = next;
          }
          case Taken.End _ -> {
            return;
          }
        }
      }
    } finally {
      line.close();
    }
  }

  private void answer(JsonNode call) {
    String own = path + "/" + call.path("id").asString("");
    try {
      if (open.size() >= OPEN_MAX) {
        throw ApiException.of(
            StatusReason.SERVICE_UNAVAILABLE, "the node has " + OPEN_MAX + " streams open already");
      }
      try (Desk.Stream stream = desk.open(Desk.Order.of(call))) {
        carry(stream, client.socket(own, ""));
      }
    } catch (ApiException e) {
      refuse(own, e);
    } catch (HypervisorException e) {
      refuse(
          own, ApiException.of(StatusReason.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage())));
    } catch (ConnectionException e) {
      // Whoever called sees that the stream ended, and may call again.
      LOG.log(Level.DEBUG, "stream broke path=" + own, e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void carry(Desk.Stream stream, ByteSocket socket) throws InterruptedException {
    open.add(socket);
    try (socket) {
      if (!closed) {
        stream.carry(socket);
      }
    } finally {
      open.remove(socket);
    }
  }

  private void refuse(String call, ApiException why) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("reason", why.status().reason()).put("message", why.status().message());
    try {
      client.raw("POST", call, "", body);
    } catch (ApiException | ConnectionException e) {
      LOG.log(Level.DEBUG, "refusal not told path=" + call, e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    open.forEach(ByteSocket::close);
  }
}
