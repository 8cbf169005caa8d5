package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.ByteSink;
import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.codec.RevisionDigits;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.watchcache.WatchEvent;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the events of one watch, in the form that its client wants. For one thread.
final class EventEncoder {
  private static final byte[] ADDED = opening("ADDED");
  private static final byte[] MODIFIED = opening("MODIFIED");
  private static final byte[] DELETED = opening("DELETED");
  private static final byte[] BOOKMARK = opening("BOOKMARK");
  private static final byte[] ERROR = opening("ERROR");
  private static final byte[] END = {'}'};

  private final Output output;
  private final Resource.Version version;
  private final Representation form;
  private final @Nullable UnaryOperator<EncodedObject> view;
  private final RevisionDigits scratch = new RevisionDigits();
  private boolean columnsNamed;

  /// @param view how the client sees objects; null for as they are
  EventEncoder(
      Output output,
      Resource.Version version,
      Representation form,
      @Nullable UnaryOperator<EncodedObject> view) {
    this.output = output;
    this.version = version;
    this.form = form;
    this.view = view;
  }

  private static byte[] opening(String type) {
    return ("{\"type\":\"" + type + "\",\"object\":").getBytes(StandardCharsets.UTF_8);
  }

  void write(WatchEvent event, ByteSink sink) {
    switch (event) {
      case WatchEvent.Added added -> object(ADDED, added.item().object(), sink);
      case WatchEvent.Modified modified -> object(MODIFIED, modified.item().object(), sink);
      case WatchEvent.Deleted deleted -> object(DELETED, deleted.item().object(), sink);
      case WatchEvent.Bookmark bookmark -> {
        write(BOOKMARK, sink);
        write(bookmark(bookmark), sink);
        write(END, sink);
      }
    }
  }

  /// The last message of a watch that cannot go on.
  static void error(Status status, ByteSink sink) {
    write(ERROR, sink);
    write(CanonicalJson.encode(status.toJson()), sink);
    write(END, sink);
  }

  private void object(byte[] opening, EncodedObject whole, ByteSink sink) {
    EncodedObject object = view == null ? whole : view.apply(whole);
    write(opening, sink);
    switch (form) {
      case Representation.Plain _ -> object.withHead(version.head()).writeTo(sink, scratch);
      case Representation.Rows rows -> {
        write(output.row(version, object, rows, !columnsNamed), sink);
        columnsNamed = true;
      }
      case Representation.Partial partial ->
          object.metadataOnly(Output.partialHead(partial)).writeTo(sink, scratch);
      case Representation.YamlText _ ->
          throw new IllegalStateException("a watch is never answered in YAML");
    }
    write(END, sink);
  }

  private byte[] bookmark(WatchEvent.Bookmark bookmark) {
    String apiVersion = version.kind().apiVersion();
    String kind = version.kind().kind();
    String more = "";
    switch (form) {
      case Representation.Plain _, Representation.YamlText _ -> {}
      case Representation.Partial partial -> {
        apiVersion = partial.version();
        kind = "PartialObjectMetadata";
      }
      case Representation.Rows rows -> {
        return rowsBookmark(bookmark, rows);
      }
    }
    if (bookmark.initialEventsEnd()) {
      more = ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}";
    }
    String text =
        "{\"apiVersion\":"
            + Json.quoted(apiVersion)
            + ",\"kind\":"
            + Json.quoted(kind)
            + ",\"metadata\":{\"resourceVersion\":\""
            + bookmark.revision()
            + "\",\"creationTimestamp\":null"
            + more
            + "}}";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// A table without rows has nowhere for the annotation, so the bookmark is a row like the others.
  private byte[] rowsBookmark(WatchEvent.Bookmark bookmark, Representation.Rows rows) {
    ObjectNode object = (ObjectNode) Json.parse("{\"metadata\":{}}");
    ObjectNode metadata = (ObjectNode) object.get("metadata");
    if (bookmark.initialEventsEnd()) {
      metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
    }
    EncodedObject encoded = EncodedObject.of(version.head(), bookmark.revision(), object);
    return CanonicalJson.encode(output.row(version, encoded, rows, false));
  }

  private static void write(JsonNode tree, ByteSink sink) {
    write(CanonicalJson.encode(tree), sink);
  }

  private static void write(byte[] bytes, ByteSink sink) {
    sink.write(bytes, 0, bytes.length, true);
  }
}
