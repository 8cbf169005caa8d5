package dev.otherix.agent.qemu;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A conversation with the agent inside a guest. Nothing that it says is trusted: lines are short,
/// waits are bounded. For one thread, besides the one that reads.
final class GuestAgent implements AutoCloseable {
  private static final String SYNC = "guest-sync-delimited";
  private static final Duration SYNC_MAX = Duration.ofSeconds(3);
  private static final int LINE_BYTES_MAX = 64 * 1024;
  private static final int LINES_MAX = 64;
  private static final byte RESET = (byte) 0xff;
  private static final Limits LIMITS = new Limits(LINE_BYTES_MAX, 20, 0, 10_000, 1);

  private final SocketChannel channel;
  private final BlockingQueue<byte[]> lines = new ArrayBlockingQueue<>(LINES_MAX);

  private GuestAgent(SocketChannel channel) {
    this.channel = channel;
  }

  /// @param number by which this conversation's answers are told from older ones
  /// @throws QmpException when nobody in the guest answers
  static GuestAgent connect(Path socket, long number) throws InterruptedException {
    GuestAgent agent;
    try {
      agent = new GuestAgent(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    } catch (IOException e) {
      throw new QmpException("the guest agent's channel is not there: " + e.getMessage(), e);
    }
    Thread.ofVirtual().name("guest-agent-" + socket).start(agent::read);
    try {
      agent.send(SYNC, number);
      // Before it may come answers to conversations that were given up, and an error for the byte
      // that resets the guest's parser.
      for (int i = 0; i < LINES_MAX; i++) {
        if (isAnswerToSync(agent.next(SYNC, SYNC_MAX), number)) {
          return agent;
        }
      }
      throw new QmpException("the guest's agent answers what it was not asked");
    } catch (QmpException | InterruptedException e) {
      agent.close();
      throw e;
    }
  }

  /// Only that answer has the byte in front of it that no text has.
  private static boolean isAnswerToSync(byte[] line, long number) {
    int from = line.length;
    while (from > 0 && line[from - 1] != RESET) {
      from--;
    }
    if (from == 0) {
      return false;
    }
    try {
      return Json.decode(Arrays.copyOfRange(line, from, line.length), LIMITS)
              .tree()
              .path("return")
              .asLong(0)
          == number;
    } catch (ApiException _) {
      return false;
    }
  }

  /// @throws QmpException when the guest refuses it, or does not answer in time
  JsonNode ask(String command, Duration atMost) throws InterruptedException {
    send(command, 0);
    return answer(command, atMost);
  }

  /// @param number 0 for none
  private void send(String command, long number) {
    ObjectNode request = JsonNodeFactory.instance.objectNode().put("execute", command);
    if (number != 0) {
      request.putObject("arguments").put("id", number);
    }
    byte[] text = (request + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(text.length + 1);
    if (number != 0) {
      // Has the guest's parser forget half a request.
      bytes.put(RESET);
    }
    bytes.put(text).flip();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new QmpException(command + " could not be sent to the guest", e);
    }
  }

  private byte[] next(String command, Duration atMost) throws InterruptedException {
    byte[] line = lines.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
    if (line == null) {
      throw new QmpException(
          "the guest did not answer " + command + " within " + atMost.toSeconds() + " s");
    }
    return line;
  }

  private JsonNode answer(String command, Duration atMost) throws InterruptedException {
    JsonNode tree;
    try {
      tree = Json.decode(next(command, atMost), LIMITS).tree();
    } catch (ApiException e) {
      throw new QmpException("the guest's agent sent what is not JSON", e);
    }
    if (tree.has("error")) {
      throw new QmpException(
          "the guest refused " + command + ": " + tree.at("/error/desc").asString(""));
    }
    return tree.path("return");
  }

  private void read() {
    QmpLines whole = new QmpLines(LINE_BYTES_MAX);
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    try {
      while (channel.read(buffer) >= 0) {
        whole.add(buffer.flip(), this::take);
        buffer.clear();
      }
    } catch (IOException | QmpException _) {
      // Whoever waits for an answer finds none.
      close();
    }
  }

  private void take(byte[] line) {
    if (!lines.offer(line)) {
      throw new QmpException("the guest's agent sends more than it was asked");
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing a socket failed", e);
    }
  }
}
