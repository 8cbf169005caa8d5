package dev.otherix.apiserver.openapi;

import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.OpenApiV2;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.discovery.ServedDocument;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Body;
import dev.otherix.apiserver.http.Headers;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.negotiation.Accept;
import dev.otherix.apiserver.negotiation.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Answers `/openapi/v3`, its documents, `/openapi/v2` and `/swagger-2.0.0.pb-v1`. Immutable but
/// for documents that are made on demand; when the kinds change, [#with] makes the next one, which
/// keeps the documents of all group-versions that did not change.
public final class OpenApi {
  private static final String V3 = "/openapi/v3";
  private static final String V2_PROTOBUF =
      "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

  /// What clients ask for. It is no media type by the book, and as the type of an answer the same
  /// clients refuse it.
  private static final String V2_PROTOBUF_ASKED =
      "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

  private static final String FOR_A_YEAR = "public, immutable, max-age=31536000";

  private final String title;
  private final String version;
  private final Map<String, GroupVersionDocument> groupVersions;
  private final ServedDocument index;
  private final ServedDocument v2Json;
  private final ServedDocument v2Protobuf;

  /// @param title what serves this, for people
  /// @param version of what serves this
  public OpenApi(String title, String version, Collection<Kind> kinds) {
    this(title, version, kinds, Map.of());
  }

  private OpenApi(
      String title,
      String version,
      Collection<Kind> kinds,
      Map<String, GroupVersionDocument> known) {
    this.title = title;
    this.version = version;
    Map<String, List<Kind>> grouped = new TreeMap<>();
    for (Kind kind : kinds) {
      String path = (kind.group().isEmpty() ? "api/" : "apis/") + kind.apiVersion();
      grouped.computeIfAbsent(path, _ -> new ArrayList<>()).add(kind);
    }
    groupVersions = new TreeMap<>();
    grouped.forEach((path, of) -> {
      GroupVersionDocument before = known.get(path);
      groupVersions.put(
          path,
          before != null && before.isOf(of)
              ? before
              : new GroupVersionDocument(title, version, of));
    });
    index = new ServedDocument("application/json", () -> bytes(index()));
    List<Kind> all = grouped.values().stream().flatMap(List::stream).toList();
    v2Json = new ServedDocument("application/json", () -> bytes(v2(all)));
    v2Protobuf = new ServedDocument(V2_PROTOBUF, () -> SwaggerMessages.document(v2(all)));
  }

  /// The documents of other kinds, without making those again that stay the same.
  public OpenApi with(Collection<Kind> kinds) {
    return new OpenApi(title, version, kinds, groupVersions);
  }

  private ObjectNode v2(List<Kind> kinds) {
    return OpenApiV2.document(title, version, kinds);
  }

  private ObjectNode index() {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    ObjectNode paths = out.putObject("paths");
    groupVersions.forEach((path, document) ->
        paths.putObject(path).put("serverRelativeURL", location(path, document)));
    return out;
  }

  private static String location(String path, GroupVersionDocument document) {
    return V3 + "/" + path + "?hash=" + document.hash();
  }

  static byte[] bytes(ObjectNode document) {
    return document.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// The answer to a GET, or empty when there is no document at the path.
  ///
  /// @throws ApiException 406 when the client takes none of the forms
  public Optional<Answer> answer(Request request) {
    String path = request.path();
    if (path.equals(V3) || path.equals(V3 + "/")) {
      requireJson(request);
      return Optional.of(index.answer(request));
    }
    if (path.startsWith(V3 + "/")) {
      String name = path.substring(V3.length() + 1);
      GroupVersionDocument document = groupVersions.get(name);
      return document == null
          ? Optional.empty()
          : Optional.of(groupVersion(request, name, document));
    }
    return switch (path) {
      case "/openapi/v2" -> Optional.of(v2(request).answer(request));
      case "/swagger-2.0.0.pb-v1" -> Optional.of(v2Protobuf.answer(request));
      default -> Optional.empty();
    };
  }

  /// Under the hash that the index has, a document never changes; under another it has moved.
  private static Answer groupVersion(Request request, String name, GroupVersionDocument document) {
    requireJson(request);
    String hash = parameter(request.query(), "hash");
    if (hash.isEmpty()) {
      return document.document().answer(request);
    }
    if (!document.hashKnown()) {
      request.requireThread();
    }
    if (!hash.equals(document.hash())) {
      Headers location = Headers.of("Location", location(name, document));
      return new Answer.Whole(301, location, Body.of(new byte[0]));
    }
    return document.document().answer(request, Headers.of("Cache-Control", FOR_A_YEAR));
  }

  private ServedDocument v2(Request request) {
    Accept accept = Accept.of(request.headers());
    for (MediaType clause : accept.clauses()) {
      if (clause.hasEssence(V2_PROTOBUF_ASKED) || clause.hasEssence(V2_PROTOBUF)) {
        return v2Protobuf;
      }
      if (clause.includes(MediaType.JSON) && !accept.refuses(MediaType.JSON)) {
        return v2Json;
      }
    }
    throw notAcceptable("application/json and " + V2_PROTOBUF);
  }

  private static void requireJson(Request request) {
    Accept accept = Accept.of(request.headers());
    for (MediaType clause : accept.clauses()) {
      if (clause.includes(MediaType.JSON) && !accept.refuses(MediaType.JSON)) {
        return;
      }
    }
    throw notAcceptable("application/json");
  }

  private static ApiException notAcceptable(String types) {
    return ApiException.of(
        StatusReason.NOT_ACCEPTABLE, "this document is served as " + types + "; accept one");
  }

  private static String parameter(String query, String name) {
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        return pair.substring(name.length() + 1);
      }
    }
    return "";
  }
}
