package dev.otherix.controllers.relay;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.MessageStream;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Which agents can be called, and which calls wait for their answer. Thread-safe.
final class Switchboard {
  /// How long an agent may take to answer a call.
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

  private static final int WAITING_MAX = 512;

  private final Map<String, NodeLine> lines = new ConcurrentHashMap<>();
  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  private record Waiting(String node, CompletableFuture<MessageStream> person, Pipe pipe) {}

  /// The connection by which the node is called from now on; a former one ends.
  MessageStream line(String node) {
    NodeLine[] made = new NodeLine[1];
    made[0] = new NodeLine(() -> lines.remove(node, made[0]));
    NodeLine former = lines.put(node, made[0]);
    if (former != null) {
      former.end();
    }
    return made[0];
  }

  boolean hears(String node) {
    return lines.containsKey(node);
  }

  /// Calls a node and waits for its answer.
  ///
  /// @param call gets a member `id`
  /// @return the caller's end of what the agent has at the other
  /// @throws ApiException what the agent refused with, or 503 when it does not answer
  MessageStream connect(String node, ObjectNode call) throws InterruptedException {
    NodeLine line = lines.get(node);
    if (line == null) {
      throw unavailable("the agent of node " + node + " is not connected; is it running?");
    }
    if (waiting.size() >= WAITING_MAX) {
      throw ApiException.tooManyRequests("too many streams are being opened at once", 1);
    }
    String id = UUID.randomUUID().toString();
    Waiting wait = new Waiting(node, new CompletableFuture<>(), new Pipe());
    waiting.put(id, wait);
    boolean connected = false;
    try {
      if (!line.call(call.put("id", id))) {
        throw unavailable("the agent of node " + node + " takes no calls; look at its log");
      }
      MessageStream person = wait.person.get(ANSWER_MAX.toNanos(), TimeUnit.NANOSECONDS);
      connected = true;
      return person;
    } catch (TimeoutException e) {
      throw new ApiException(
          unavailable("the agent of node " + node + " did not answer within " + ANSWER_MAX)
              .status(),
          e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ApiException refused
          ? new ApiException(refused.status(), e)
          : new IllegalStateException("a call failed", e);
    } finally {
      waiting.remove(id);
      if (!connected) {
        // It may have answered at the last moment: nobody is there for it.
        wait.pipe.person().close();
      }
    }
  }

  /// The agent answers a call.
  ///
  /// @return its end; null when nobody waits any more
  @Nullable MessageStream accept(String node, String id) {
    Waiting wait = take(node, id);
    if (wait == null || !wait.person.complete(wait.pipe.person())) {
      return null;
    }
    return wait.pipe.agent();
  }

  /// The agent refuses a call.
  void refuse(String node, String id, ApiException why) {
    Waiting wait = take(node, id);
    if (wait != null) {
      wait.person.completeExceptionally(why);
    }
  }

  private @Nullable Waiting take(String node, String id) {
    Waiting wait = waiting.get(id);
    return wait != null && wait.node.equals(node) && waiting.remove(id, wait) ? wait : null;
  }

  private static ApiException unavailable(String message) {
    return ApiException.of(StatusReason.SERVICE_UNAVAILABLE, message);
  }
}
