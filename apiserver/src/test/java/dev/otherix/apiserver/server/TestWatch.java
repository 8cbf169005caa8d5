package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apiserver.http.MessageStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Reads a stream of messages as a connection does. Close it.
final class TestWatch implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 20;

  private final MessageStream messages;
  private final Semaphore woken = new Semaphore(0);

  TestWatch(MessageStream messages) {
    this.messages = messages;
    messages.open(woken::release);
  }

  /// The next event; null at the end of the stream.
  @Nullable ObjectNode next() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (true) {
      switch (messages.next((bytes, offset, length, _) -> out.write(bytes, offset, length))) {
        case MESSAGE -> {
          String text = out.toString(StandardCharsets.UTF_8);
          if (text.contains("\n")) {
            throw new AssertionError("a message with a line break: " + text);
          }
          return Json.parseObject(text);
        }
        case END -> {
          return null;
        }
        case LATER -> await();
      }
    }
  }

  /// `TYPE name` of the next event.
  String brief() {
    ObjectNode event = next();
    return event == null
        ? "END"
        : event.path("type").asString("") + " " + event.at("/object/metadata/name").asString("");
  }

  void drain() {
    messages.drain();
  }

  private void await() {
    try {
      if (!woken.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("no event came");
      }
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    messages.close();
  }
}
