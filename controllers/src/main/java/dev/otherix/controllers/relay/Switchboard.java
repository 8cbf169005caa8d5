package dev.otherix.controllers.relay;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.MessageStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

  /// A node may be connected in more than one way, such as by two addresses of the server.
  private static final int LINES_MAX = 8;

  /// By node, oldest first; never an empty list.
  private final Map<String, List<Line>> lines = new ConcurrentHashMap<>();

  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  private record Waiting(String node, CompletableFuture<MessageStream> person, Pipe pipe) {}

  private record Line(String id, NodeLine stream) {}

  /// The connection by which the node is called from now on; a former one of the same id ends.
  MessageStream line(String node, String id) {
    NodeLine[] made = new NodeLine[1];
    made[0] = new NodeLine(() -> hungUp(node, made[0]));
    List<NodeLine> former = new ArrayList<>();
    lines.compute(
        node,
        (_, present) -> {
          List<Line> next = new ArrayList<>(present == null ? List.of() : present);
          former.clear();
          next.stream().filter(each -> each.id.equals(id)).forEach(each -> former.add(each.stream));
          next.removeIf(each -> each.id.equals(id));
          if (next.size() >= LINES_MAX) {
            former.add(next.removeFirst().stream);
          }
          next.add(new Line(id, made[0]));
          return List.copyOf(next);
        });
    former.forEach(NodeLine::end);
    return made[0];
  }

  private void hungUp(String node, NodeLine stream) {
    lines.computeIfPresent(
        node,
        (_, present) -> {
          List<Line> left = present.stream().filter(each -> each.stream != stream).toList();
          return left.isEmpty() ? null : left;
        });
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
    List<Line> connected = lines.get(node);
    if (connected == null) {
      throw unavailable("the agent of node " + node + " is not connected; is it running?");
    }
    if (waiting.size() >= WAITING_MAX) {
      throw ApiException.tooManyRequests("too many streams are being opened at once", 1);
    }
    String id = UUID.randomUUID().toString();
    Waiting wait = new Waiting(node, new CompletableFuture<>(), new Pipe());
    waiting.put(id, wait);
    boolean answered = false;
    try {
      if (!called(connected, call.put("id", id))) {
        throw unavailable("the agent of node " + node + " takes no calls; look at its log");
      }
      MessageStream person = wait.person.get(ANSWER_MAX.toNanos(), TimeUnit.NANOSECONDS);
      answered = true;
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
      if (!answered) {
        // It may have answered at the last moment: nobody is there for it.
        wait.pipe.person().close();
      }
    }
  }

  /// The newest line first: it is the likeliest to live.
  private static boolean called(List<Line> connected, ObjectNode call) {
    for (Line each : connected.reversed()) {
      if (each.stream.call(call)) {
        return true;
      }
    }
    return false;
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
