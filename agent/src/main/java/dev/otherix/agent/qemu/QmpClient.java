package dev.otherix.agent.qemu;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A connection to QEMU's monitor. Thread-safe: commands of several threads run one after another
/// in QEMU; one virtual thread reads.
final class QmpClient implements AutoCloseable {
  /// How long an answer may take. Commands that take longer in QEMU are jobs with events.
  static final Duration ANSWER_MAX = Duration.ofSeconds(10);

  private static final int READ_BYTES = 16 * 1024;

  private final Path socket;
  private final SocketChannel channel;
  private final Listener listener;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final CompletableFuture<String> greeting = new CompletableFuture<>();

  /// Keeps the bytes of one command together.
  private final ReentrantLock writing = new ReentrantLock();

  private volatile @Nullable QmpException ended;

  /// Hears of events and of the end, in order, from the reading thread; must not wait and must not
  /// send commands.
  interface Listener {
    void event(QmpMessage.Event event);

    void ended();
  }

  private QmpClient(Path socket, SocketChannel channel, Listener listener) {
    this.socket = socket;
    this.channel = channel;
    this.listener = listener;
  }

  /// Connects and leaves the negotiation behind.
  ///
  /// @throws QmpException when nothing listens or answers there
  static QmpClient connect(Path socket, Listener listener) throws InterruptedException {
    SocketChannel channel;
    try {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new QmpException("no Unix socket could be made: " + e.getMessage(), e);
    }
    QmpClient client = new QmpClient(socket, channel, listener);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual().name("qmp-" + socket).start(client::read);
      client.await(client.greeting, "greeting");
      client.execute("qmp_capabilities");
      return client;
    } catch (IOException e) {
      client.close();
      throw new QmpException("the monitor at " + socket + " is not there: " + e.getMessage(), e);
    } catch (QmpException | InterruptedException e) {
      client.close();
      throw e;
    }
  }

  JsonNode execute(String command) throws InterruptedException {
    return execute(command, JsonNodeFactory.instance.objectNode());
  }

  /// @throws QmpException when QEMU refuses it, or does not answer in time
  JsonNode execute(String command, ObjectNode arguments) throws InterruptedException {
    long id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    try {
      QmpException end = ended;
      if (end != null) {
        throw new QmpException(command + " was not sent: " + end.getMessage(), end);
      }
      ObjectNode request = JsonNodeFactory.instance.objectNode();
      request.put("execute", command).put("id", id);
      if (!arguments.isEmpty()) {
        request.set("arguments", arguments);
      }
      send(command, request);
      return await(answer, command);
    } finally {
      waiting.remove(id);
    }
  }

  private void send(String command, ObjectNode request) {
    ByteBuffer bytes =
        ByteBuffer.wrap((request.toString() + "\n").getBytes(StandardCharsets.UTF_8));
    writing.lock();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new QmpException(command + " could not be sent to " + socket, e);
    } finally {
      writing.unlock();
    }
  }

  private <T> T await(CompletableFuture<T> answer, String what) throws InterruptedException {
    try {
      return answer.get(ANSWER_MAX.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new QmpException(
          what + " had no answer within " + ANSWER_MAX.toSeconds() + " s at " + socket, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new QmpException(what + " failed: " + cause.getMessage(), cause);
    }
  }

  private void read() {
    QmpLines lines = new QmpLines(QmpMessage.LINE_BYTES_MAX);
    ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    try {
      while (channel.read(buffer) >= 0) {
        lines.add(buffer.flip(), this::take);
        buffer.clear();
      }
      finish(new QmpException("the monitor at " + socket + " closed the connection"));
    } catch (IOException | QmpException e) {
      finish(new QmpException("the connection to " + socket + " broke: " + e.getMessage(), e));
    }
  }

  private void take(byte[] line) {
    switch (QmpMessage.read(line)) {
      case QmpMessage.Greeting(String version) -> greeting.complete(version);
      case QmpMessage.Event event -> listener.event(event);
      case QmpMessage.Answer(long id, JsonNode value) -> {
        CompletableFuture<JsonNode> answer = waiting.remove(id);
        if (answer != null) {
          answer.complete(value);
        }
      }
      case QmpMessage.Refusal(long id, String kind, String description) -> {
        CompletableFuture<JsonNode> answer = waiting.remove(id);
        if (answer != null) {
          answer.completeExceptionally(new QmpException(description + " (" + kind + ")"));
        }
      }
    }
  }

  private void finish(QmpException why) {
    ended = why;
    greeting.completeExceptionally(why);
    waiting.values().forEach(each -> each.completeExceptionally(why));
    close();
    listener.ended();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing a socket failed: " + socket, e);
    }
  }
}
