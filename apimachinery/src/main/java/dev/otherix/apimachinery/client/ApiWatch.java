package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.client.MessageSource.Taken;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.Limits;
import dev.otherix.apimachinery.status.ApiException;
import java.time.Duration;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The changes of a collection, in order. One thread takes events; any thread may close.
public final class ApiWatch implements AutoCloseable {
  private static final String INITIAL_EVENTS_END = "k8s.io/initial-events-end";

  private final MessageSource messages;
  private final Function<byte[], JsonNode> reader;

  /// @param reader makes the tree of an event; one thread at a time calls it
  ApiWatch(MessageSource messages, Function<byte[], JsonNode> reader) {
    this.messages = messages;
    this.reader = reader;
  }

  /// Makes of each event a tree of its own, which belongs to whoever takes it.
  static JsonNode ownTree(byte[] json) {
    return Json.decode(json, Limits.STORED).tree();
  }

  /// The next event, waiting for it.
  ///
  /// @throws ApiException the server's ERROR event: 410 when the changes wanted are too old
  /// @throws ConnectionException when the connection broke
  public WatchEvent next(Duration atMost) throws InterruptedException {
    return switch (messages.take(atMost)) {
      case Taken.Message message -> event(reader.apply(message.json()));
      case Taken.Quiet _ -> new WatchEvent.Quiet();
      case Taken.End _ -> new WatchEvent.End();
    };
  }

  private static WatchEvent event(JsonNode event) {
    String type = event.path("type").asString("");
    if (!(event.get("object") instanceof ObjectNode object)) {
      throw new ConnectionException("the watch sent an event without an object", false);
    }
    return switch (type) {
      case "ADDED" -> new WatchEvent.Changed(WatchEvent.Type.ADDED, object);
      case "MODIFIED" -> new WatchEvent.Changed(WatchEvent.Type.MODIFIED, object);
      case "DELETED" -> new WatchEvent.Changed(WatchEvent.Type.DELETED, object);
      case "BOOKMARK" -> {
        JsonNode metadata = object.path("metadata");
        String end = metadata.path("annotations").path(INITIAL_EVENTS_END).asString("");
        yield new WatchEvent.Bookmark(
            metadata.path("resourceVersion").asString(""), end.equals("true"));
      }
      case "ERROR" -> throw new ApiException(Statuses.read(object));
      default ->
          throw new ConnectionException("the watch sent an event of type \"" + type + "\"", false);
    };
  }

  @Override
  public void close() {
    messages.close();
  }
}
