package dev.otherix.apiserver.discovery;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.http.Request;
import dev.otherix.apiserver.negotiation.Accept;
import dev.otherix.apiserver.negotiation.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/// Answers what is served: `/api`, `/apis` and the documents below them. Immutable but for
/// documents that are made on demand; when the kinds change, a new one takes its place.
public final class Discovery {
  private static final String JSON = "application/json";
  private static final List<String> AGGREGATED_VERSIONS = List.of("v2", "v2beta1");

  /// One root in every form.
  private record Root(ServedDocument legacy, Map<String, ServedDocument> aggregated) {}

  private final Root core;
  private final Root groups;
  private final Map<String, ServedDocument> below = new HashMap<>();

  /// @param resources the first version of a group need not come first; groups keep their order, in
  ///   which clients resolve names that several groups have
  public Discovery(Collection<ServedResource> resources) {
    Map<String, ServedGroup> all = ServedGroup.of(resources);
    ServedGroup coreGroup = all.remove("");
    TreeSet<String> coreVersions = new TreeSet<>(VersionOrder.INSTANCE);
    if (coreGroup != null) {
      coreVersions.addAll(coreGroup.versions().keySet());
      addVersions("/api/", coreGroup);
    }
    core =
        root(
            () -> LegacyDocuments.coreVersions(coreVersions),
            coreGroup == null ? List.of() : List.of(coreGroup));
    List<ServedGroup> named = List.copyOf(all.values());
    groups = root(() -> LegacyDocuments.groups(named), named);
    for (ServedGroup group : named) {
      below.put("/apis/" + group.name(), json(() -> LegacyDocuments.group(group)));
      addVersions("/apis/" + group.name() + "/", group);
    }
  }

  private void addVersions(String prefix, ServedGroup group) {
    for (String version : group.versions().keySet()) {
      below.put(prefix + version, json(() -> LegacyDocuments.resources(group, version)));
    }
  }

  private static Root root(Supplier<ObjectNode> legacy, List<ServedGroup> groups) {
    Map<String, ServedDocument> aggregated = new HashMap<>();
    for (String version : AGGREGATED_VERSIONS) {
      String type = JSON + ";g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList";
      aggregated.put(
          version, new ServedDocument(type, bytes(() -> AggregatedDocument.of(version, groups))));
    }
    return new Root(json(legacy), Collections.unmodifiableMap(aggregated));
  }

  private static ServedDocument json(Supplier<ObjectNode> maker) {
    return new ServedDocument(JSON, bytes(maker));
  }

  private static Supplier<byte[]> bytes(Supplier<ObjectNode> maker) {
    return () -> maker.get().toString().getBytes(StandardCharsets.UTF_8);
  }

  /// The answer to a GET, or empty when the path is no document of discovery or names a group or
  /// version that is not served.
  ///
  /// @throws ApiException 406 when the client takes none of the forms
  public Optional<Answer> answer(Request request) {
    String path = request.path();
    String plain =
        path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return switch (plain) {
      case "/api" -> Optional.of(negotiated(request, core));
      case "/apis" -> Optional.of(negotiated(request, groups));
      default -> {
        ServedDocument document = below.get(plain);
        if (document == null) {
          yield Optional.empty();
        }
        requireJson(request);
        yield Optional.of(document.answer(request));
      }
    };
  }

  private static Answer negotiated(Request request, Root root) {
    Accept accept = Accept.of(request.headers());
    for (MediaType clause : accept.clauses()) {
      if (!clause.includes(MediaType.JSON) || accept.refuses(MediaType.JSON)) {
        continue;
      }
      String as = clause.parameter("as");
      if (as == null) {
        return root.legacy.answer(request);
      }
      String version = clause.parameter("v");
      ServedDocument document = version == null ? null : root.aggregated.get(version);
      if (document != null
          && as.equals("APIGroupDiscoveryList")
          && "apidiscovery.k8s.io".equals(clause.parameter("g"))) {
        return document.answer(request);
      }
    }
    throw notAcceptable();
  }

  private static void requireJson(Request request) {
    Accept accept = Accept.of(request.headers());
    for (MediaType clause : accept.clauses()) {
      if (clause.includes(MediaType.JSON)
          && clause.parameter("as") == null
          && !accept.refuses(MediaType.JSON)) {
        return;
      }
    }
    throw notAcceptable();
  }

  private static ApiException notAcceptable() {
    return ApiException.of(
        StatusReason.NOT_ACCEPTABLE,
        "discovery is served as application/json, and at /api and /apis also as"
            + " application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  }
}
