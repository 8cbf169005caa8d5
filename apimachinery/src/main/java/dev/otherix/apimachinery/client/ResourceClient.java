package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectKey;
import dev.otherix.apimachinery.patch.PatchType;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The objects of one resource, as trees. Thread-safe. Trees that come back are the caller's own;
/// trees that are given are not changed.
public final class ResourceClient {
  private static final String JSON = "application/json";
  private static final String TABLE =
      "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
  private static final String PARTIAL = ";g=meta.k8s.io;v=v1,application/json";

  private final ApiClient client;
  private final GroupVersionResource resource;
  private final boolean metadataOnly;

  ResourceClient(ApiClient client, GroupVersionResource resource, boolean metadataOnly) {
    this.client = client;
    this.resource = resource;
    this.metadataOnly = metadataOnly;
  }

  public GroupVersionResource resource() {
    return resource;
  }

  /// The same objects, of which gets, lists and watches bring the metadata only. The items are of
  /// kind PartialObjectMetadata.
  public ResourceClient metadataOnly() {
    return new ResourceClient(client, resource, true);
  }

  /// @throws ApiException 404 when there is none
  public ObjectNode get(ObjectKey key) throws InterruptedException {
    return client.object(get(path(key, "")));
  }

  /// Empty when there is none, whether the name or the whole kind is unknown.
  public Optional<ObjectNode> find(ObjectKey key) throws InterruptedException {
    try {
      return Optional.of(get(key));
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// What stands below an object, such as its `scale`.
  public ObjectNode get(ObjectKey key, String subresource) throws InterruptedException {
    return client.object(get(path(key, subresource)));
  }

  private WireRequest get(String path) {
    return client.request("GET", path, "", accept("PartialObjectMetadata"), "", new byte[0]);
  }

  private String accept(String partial) {
    return metadataOnly ? "application/json;as=" + partial + PARTIAL : JSON;
  }

  /// One page.
  public ListPage list(ListOptions options) throws InterruptedException {
    WireRequest request =
        client.request(
            "GET",
            collection(options.namespace()),
            options.query().toString(),
            accept("PartialObjectMetadataList"),
            "",
            new byte[0]);
    ObjectNode list = client.object(request);
    String apiVersion = list.path("apiVersion").asString("");
    String kind = list.path("kind").asString("");
    String itemKind =
        kind.endsWith("List") ? kind.substring(0, kind.length() - "List".length()) : kind;
    List<ObjectNode> items = new ArrayList<>();
    for (JsonNode each : list.path("items")) {
      if (each instanceof ObjectNode item) {
        if (!item.has("kind")) {
          item.put("apiVersion", apiVersion).put("kind", itemKind);
        }
        items.add(item);
      }
    }
    JsonNode metadata = list.path("metadata");
    return new ListPage(
        items,
        metadata.path("resourceVersion").asString(""),
        metadata.path("continue").asString(""),
        metadata.path("remainingItemCount").asLong(-1));
  }

  /// What the server shows people of a page: column definitions and rows, with the objects'
  /// metadata.
  public ObjectNode table(ListOptions options) throws InterruptedException {
    return client.object(
        client.request(
            "GET",
            collection(options.namespace()),
            options.query().toString(),
            TABLE,
            "",
            new byte[0]));
  }

  /// The same of one object.
  public ObjectNode table(ObjectKey key) throws InterruptedException {
    return client.object(client.request("GET", path(key, ""), "", TABLE, "", new byte[0]));
  }

  /// Follows the changes as tables of one row. Close it.
  public ApiWatch watchTables(WatchOptions options) throws InterruptedException {
    return client.watch(
        client.request(
            "GET",
            collection(options.namespace()),
            options.query().toString(),
            TABLE,
            "",
            new byte[0]),
        ApiWatch::ownTree);
  }

  /// Every object of all pages; with a limit, no more than one page is in memory at a time.
  ///
  /// @return the revision that the pages have in common
  public String forEach(ListOptions options, Consumer<ObjectNode> each)
      throws InterruptedException {
    ListPage page = list(options);
    page.items().forEach(each);
    while (!page.isLast()) {
      page = list(options.from(page.continueToken()));
      page.items().forEach(each);
    }
    return page.resourceVersion();
  }

  /// Follows the changes. Close it.
  public ApiWatch watch(WatchOptions options) throws InterruptedException {
    return watch(options, ApiWatch::ownTree);
  }

  /// Follows the changes. Close it.
  ///
  /// @param reader makes the trees of events, which may share parts; one thread at a time calls it
  public ApiWatch watch(WatchOptions options, Function<byte[], JsonNode> reader)
      throws InterruptedException {
    return client.watch(
        client.request(
            "GET",
            collection(options.namespace()),
            options.query().toString(),
            accept("PartialObjectMetadata"),
            "",
            new byte[0]),
        reader);
  }

  /// Creates it in the namespace that it names.
  public ObjectNode create(ObjectNode object, WriteOptions options) throws InterruptedException {
    String path = collection(keyOf(object).namespace());
    return written(client.request("POST", path, query(options), object), options.dryRun());
  }

  public ObjectNode create(ObjectNode object) throws InterruptedException {
    return create(object, WriteOptions.DEFAULT);
  }

  /// Replaces it; with a resourceVersion in its metadata, only that version of it.
  public ObjectNode update(ObjectNode object, WriteOptions options) throws InterruptedException {
    return update(object, "", options);
  }

  public ObjectNode update(ObjectNode object) throws InterruptedException {
    return update(object, WriteOptions.DEFAULT);
  }

  /// Replaces what stands below it: `status`, `scale`, `finalize`.
  public ObjectNode update(ObjectNode object, String subresource, WriteOptions options)
      throws InterruptedException {
    String path = path(keyOf(object), subresource);
    return written(client.request("PUT", path, query(options), object), options.dryRun());
  }

  /// @param patch an array for a JSON patch, an object for the others
  /// @param subresource empty for the object itself
  public ObjectNode patch(
      ObjectKey key, String subresource, PatchType type, JsonNode patch, WriteOptions options)
      throws InterruptedException {
    return written(
        client.request(
            "PATCH",
            path(key, subresource),
            query(options),
            JSON,
            type.contentType(),
            ApiClient.bytes(patch)),
        options.dryRun());
  }

  public ObjectNode mergePatch(ObjectKey key, String subresource, ObjectNode patch)
      throws InterruptedException {
    return patch(key, subresource, PatchType.MERGE, patch, WriteOptions.DEFAULT);
  }

  /// Server-side apply: makes the fields that `configuration` names what they are there, creates
  /// the object when it is missing, and removes what this manager applied before and names no more.
  public ObjectNode apply(ObjectNode configuration, String subresource, WriteOptions options)
      throws InterruptedException {
    return patch(keyOf(configuration), subresource, PatchType.APPLY, configuration, options);
  }

  public ObjectNode apply(ObjectNode configuration) throws InterruptedException {
    return apply(configuration, "", WriteOptions.DEFAULT);
  }

  /// An action on an object: a POST below it.
  public ObjectNode perform(ObjectKey key, String action, @Nullable ObjectNode body)
      throws InterruptedException {
    return client.object(client.request("POST", path(key, action), "", body));
  }

  /// @return the object as it waits for its finalizers; empty when it is gone
  /// @throws ApiException 404 when there is none, 409 when it is not the one that is meant
  public Optional<ObjectNode> delete(ObjectKey key, DeleteOptions options)
      throws InterruptedException {
    ObjectNode answer =
        client.object(client.request("DELETE", path(key, ""), "", options.toJson()));
    boolean gone =
        answer.path("kind").asString("").equals("Status")
            && answer.path("apiVersion").asString("").equals("v1");
    if (gone) {
      return Optional.empty();
    }
    note(answer, options.dryRun());
    return Optional.of(answer);
  }

  /// Deletes whatever the list options select.
  public void deleteCollection(ListOptions which, DeleteOptions options)
      throws InterruptedException {
    client.object(
        client.request(
            "DELETE", collection(which.namespace()), which.query().toString(), options.toJson()));
  }

  private ObjectNode written(WireRequest request, boolean dryRun) throws InterruptedException {
    ObjectNode answer = client.object(request);
    note(answer, dryRun);
    return answer;
  }

  private void note(ObjectNode answer, boolean dryRun) {
    String version = answer.path("metadata").path("resourceVersion").asString("");
    if (!dryRun && !version.isEmpty()) {
      client.options().writes().written(resource, version);
    }
  }

  private String query(WriteOptions options) {
    return options.query(client.options().fieldManager()).toString();
  }

  private String collection(String namespace) {
    StringBuilder path = new StringBuilder(64);
    path.append(resource.group().isEmpty() ? "/api/" : "/apis/").append(resource.apiVersion());
    if (!namespace.isEmpty()) {
      path.append("/namespaces/").append(Query.encode(namespace));
    }
    return path.append('/').append(resource.resource()).toString();
  }

  private String path(ObjectKey key, String subresource) {
    if (key.name().isEmpty()) {
      throw new IllegalArgumentException("an object of " + resource + " without a name");
    }
    String path = collection(key.namespace()) + "/" + Query.encode(key.name());
    return subresource.isEmpty() ? path : path + "/" + subresource;
  }

  /// Where an object's metadata says that it stands.
  public static ObjectKey keyOf(ObjectNode object) {
    JsonNode metadata = object.path("metadata");
    return new ObjectKey(
        metadata.path("namespace").asString(""), metadata.path("name").asString(""));
  }
}
