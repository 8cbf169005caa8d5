package dev.otherix.apiserver.endpoint;

import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.codec.ListEncoding;
import dev.otherix.apimachinery.codec.Yaml;
import dev.otherix.apimachinery.schema.Table;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.registry.Reads;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.request.Call;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes objects and lists in the form that the client wants. Plain objects leave as the bytes
/// that they are kept in; the other forms cost a parse, so they need a thread.
final class Output {
  static final Headers JSON = Headers.of("content-type", "application/json");

  private static final Headers YAML = Headers.of("content-type", "application/yaml");
  private static final String PARTIAL = "PartialObjectMetadata";
  private static final EncodedObject.Head PARTIAL_V1 =
      EncodedObject.Head.of("meta.k8s.io/v1", PARTIAL);
  private static final EncodedObject.Head PARTIAL_V1BETA1 =
      EncodedObject.Head.of("meta.k8s.io/v1beta1", PARTIAL);
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final InstantSource clock;

  private final Views views;

  Output(InstantSource clock, Views views) {
    this.clock = clock;
    this.views = views;
  }

  /// How the caller sees objects of a kind; null for as they are.
  @Nullable UnaryOperator<EncodedObject> view(Call call, Resource.Version version) {
    return views.of(call.caller(), version.kind());
  }

  /// Any JSON document.
  static Answer json(int code, JsonNode tree) {
    return new Answer.Whole(code, JSON, Body.of(CanonicalJson.encode(tree)));
  }

  static Answer status(Status status) {
    return new Answer.Whole(
        status.code(), JSON, Body.of(status.toJson().toString().getBytes(StandardCharsets.UTF_8)));
  }

  /// To be called before a write: one that cannot be answered must not happen.
  ///
  /// @throws ApiException 406 when [#object] would
  static void requireForm(Call call) {
    Representation.of(call, PARTIAL, true);
  }

  Answer object(Call call, int code, Resource.Version version, EncodedObject whole) {
    UnaryOperator<EncodedObject> view = view(call, version);
    EncodedObject object = whole;
    if (view != null) {
      call.requireThread();
      object = view.apply(whole);
    }
    return switch (Representation.of(call, PARTIAL, true)) {
      case Representation.Plain _ -> new Answer.Whole(code, JSON, new ObjectBody(object));
      case Representation.YamlText _ -> {
        call.requireThread();
        yield yaml(code, object.toTree());
      }
      case Representation.Rows rows -> {
        call.requireThread();
        ObjectNode metadata = NODES.objectNode();
        metadata.put("resourceVersion", Long.toString(object.revision()));
        yield json(code, table(version, List.of(object), metadata, rows));
      }
      case Representation.Partial partial ->
          new Answer.Whole(code, JSON, new ObjectBody(object.metadataOnly(partialHead(partial))));
    };
  }

  Answer list(Call call, Resource.Version version, Reads.Found found) {
    UnaryOperator<EncodedObject> view = view(call, version);
    List<EncodedObject> objects = Reads.objects(found.listing(), version);
    if (view != null) {
      call.requireThread();
      objects = objects.stream().map(view).toList();
    }
    return switch (Representation.of(call, PARTIAL + "List", true)) {
      case Representation.Plain _ ->
          new Answer.Whole(
              200, JSON, new ListBody(new ListEncoding(head(version, found), objects)));
      case Representation.YamlText _ -> {
        call.requireThread();
        ObjectNode list = NODES.objectNode();
        list.put("apiVersion", version.kind().apiVersion());
        list.put("kind", version.kind().listKind());
        list.set("metadata", metadata(found));
        ArrayNode items = list.putArray("items");
        for (EncodedObject each : objects) {
          items.add(each.toTree());
        }
        yield yaml(200, list);
      }
      case Representation.Rows rows -> {
        call.requireThread();
        yield json(200, table(version, objects, metadata(found), rows));
      }
      case Representation.Partial partial -> {
        call.requireThread();
        List<EncodedObject> cut =
            objects.stream().map(each -> each.metadataOnly(partialHead(partial))).toList();
        ListEncoding.Head head =
            new ListEncoding.Head(
                partial.version(),
                PARTIAL + "List",
                found.listing().revision(),
                found.continueToken(),
                remaining(found));
        yield new Answer.Whole(200, JSON, new ListBody(new ListEncoding(head, cut)));
      }
    };
  }

  private static ListEncoding.Head head(Resource.Version version, Reads.Found found) {
    return new ListEncoding.Head(
        version.kind().apiVersion(),
        version.kind().listKind(),
        found.listing().revision(),
        found.continueToken(),
        remaining(found));
  }

  private static ObjectNode metadata(Reads.Found found) {
    ObjectNode metadata = NODES.objectNode();
    metadata.put("resourceVersion", Long.toString(found.listing().revision()));
    if (!found.continueToken().isEmpty()) {
      metadata.put("continue", found.continueToken());
    }
    if (remaining(found) >= 0) {
      metadata.put("remainingItemCount", remaining(found));
    }
    return metadata;
  }

  private static long remaining(Reads.Found found) {
    return found.continueToken().isEmpty() ? -1 : found.listing().remaining();
  }

  private ObjectNode table(
      Resource.Version version,
      List<EncodedObject> objects,
      ObjectNode metadata,
      Representation.Rows rows) {
    List<ObjectNode> trees = new ArrayList<>(objects.size());
    objects.forEach(each -> trees.add(each.toTree()));
    ObjectNode table = new Table(version.kind(), clock).of(trees, metadata, rows.include(), true);
    return table.put("apiVersion", rows.version());
  }

  /// One row, for an event of a watch.
  ///
  /// @param definitions whether to name the columns
  ObjectNode row(
      Resource.Version version,
      EncodedObject object,
      Representation.Rows rows,
      boolean definitions) {
    ObjectNode metadata = NODES.objectNode();
    metadata.put("resourceVersion", Long.toString(object.revision()));
    return new Table(version.kind(), clock)
        .of(List.of(object.toTree()), metadata, rows.include(), definitions)
        .put("apiVersion", rows.version());
  }

  static EncodedObject.Head partialHead(Representation.Partial partial) {
    return partial.version().equals(PARTIAL_V1.apiVersion()) ? PARTIAL_V1 : PARTIAL_V1BETA1;
  }

  private static Answer yaml(int code, JsonNode tree) {
    byte[] text = Yaml.write(tree).getBytes(StandardCharsets.UTF_8);
    return new Answer.Whole(code, YAML, Body.of(text));
  }

  /// For what has no metadata, and so no other form than plain.
  static void requirePlain(Call call) {
    if (Representation.of(call, PARTIAL, false) instanceof Representation.Plain) {
      return;
    }
    throw ApiException.of(
        StatusReason.NOT_ACCEPTABLE,
        "only the following media types are accepted: application/json");
  }
}
