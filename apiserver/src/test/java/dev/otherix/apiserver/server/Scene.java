package dev.otherix.apiserver.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.otherix.apiserver.server.InProcessClient.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A server and its administrator, with what most tests say to it. JSON is written with single
/// quotes.
final class Scene implements AutoCloseable {
  static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
  static final String WIDGETS = "/apis/example.io/v1/namespaces/default/widgets";
  static final String MERGE = "application/merge-patch+json";
  static final String JSON_PATCH = "application/json-patch+json";

  static final Duration PATIENCE = Duration.ofSeconds(20);

  final TestServer server;
  final InProcessClient client;

  Scene() {
    this(TestServer.start());
  }

  Scene(TestServer server) {
    this.server = server;
    this.client = server.admin();
  }

  static String json(String quoted) {
    return quoted.replace('\'', '"');
  }

  /// A definition in group `conform.io` with version `v1`, whose objects are as `schema` says.
  static String definition(String plural, String kind, String schema) {
    return definition(plural, kind, "conform.io", version("v1", true, true, "", schema));
  }

  static String definition(String plural, String kind, String group, String versions) {
    return """
    {'metadata':{'name':'%1$s.%3$s'},'spec':{'group':'%3$s','scope':'Namespaced',
     'names':{'plural':'%1$s','kind':'%2$s'},'versions':[%4$s]}}
    """
        .formatted(plural, kind, group, versions);
  }

  /// @param more members of the version, each with a comma behind it
  static String version(String name, boolean served, boolean storage, String more, String schema) {
    return "{'name':'%s','served':%s,'storage':%s,%s'schema':{'openAPIV3Schema':%s}}"
        .formatted(name, served, storage, more, schema);
  }

  static String path(String plural) {
    return "/apis/conform.io/v1/namespaces/default/" + plural;
  }

  Reply create(String path, String quoted) {
    Reply reply = client.post(path, json(quoted));
    assertEquals(201, reply.status(), reply::text);
    return reply;
  }

  Reply merge(String path, String quoted) {
    Reply reply = client.patch(path, MERGE, json(quoted));
    assertEquals(200, reply.status(), reply::text);
    return reply;
  }

  /// Creates a definition and waits until `path` is served.
  void define(String quoted, String path) {
    String definition = DEFINITIONS + "/" + create(DEFINITIONS, quoted).at("/metadata/name");
    awaitStatus(path, 200);
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> established(client.get(definition).json()));
  }

  /// A kind is served a moment before its definition says so.
  private static boolean established(JsonNode definition) {
    return definition
        .at("/status/conditions")
        .valueStream()
        .anyMatch(each ->
            each.path("type").asString("").equals("Established")
                && each.path("status").asString("").equals("True"));
  }

  void awaitStatus(String path, int status) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> assertEquals(status, client.get(path).status(), path));
  }

  /// The last revision of an object.
  String revision(String path) {
    return client.get(path).at("/metadata/resourceVersion");
  }

  static List<String> names(JsonNode list) {
    List<String> names = new ArrayList<>();
    list.path("items").forEach(each -> names.add(each.at("/metadata/name").asString("")));
    return names;
  }

  List<String> names(String path) {
    return names(client.get(path).json());
  }

  @Override
  public void close() {
    server.close();
  }
}
