package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.CustomResource;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.auth.BearerTokens;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Storage;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A server in this process with one kind of its own, Widget, in memory.
final class TestServer implements AutoCloseable {
  private static final String WIDGET =
      """
      {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
       "metadata": {"name": "widgets.example.io"},
       "spec": {
         "group": "example.io", "scope": "Namespaced",
         "names": {"plural": "widgets", "singular": "widget", "kind": "Widget",
           "listKind": "WidgetList", "shortNames": ["wd"], "categories": ["all"]},
         "versions": [{
           "name": "v1", "served": true, "storage": true,
           "subresources": {"status": {},
             "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}},
           "selectableFields": [{"jsonPath": ".spec.colour"}],
           "additionalPrinterColumns": [
             {"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
           "schema": {"openAPIV3Schema": {
             "type": "object",
             "properties": {
               "spec": {"type": "object", "properties": {
                 "size": {"type": "integer", "minimum": 0},
                 "colour": {"type": "string", "default": "red"},
                 "parts": {"type": "array", "x-kubernetes-list-type": "map",
                   "x-kubernetes-list-map-keys": ["name"],
                   "items": {"type": "object", "required": ["name"], "properties": {
                     "name": {"type": "string"}, "count": {"type": "integer"}}}}}},
               "status": {"type": "object", "properties": {
                 "ready": {"type": "boolean"}, "size": {"type": "integer"}}}}}}}]}}
      """;

  private final ApiServer server;
  private final Storage store;

  private TestServer(ApiServer server, Storage store) {
    this.server = server;
    this.store = store;
  }

  static TestServer start() {
    return start(List.of());
  }

  static TestServer start(List<Listener> listeners) {
    return start(new MemoryStorage(InstantSource.system()), listeners);
  }

  static TestServer start(Storage store, List<Listener> listeners) {
    return start(store, listeners, UnaryOperator.identity());
  }

  /// @param change makes other options of the usual ones
  static TestServer start(
      Storage store, List<Listener> listeners, UnaryOperator<ApiServerOptions> change) {
    Kinds kinds = Kinds.of(CustomResource.kinds(Json.parseObject(WIDGET)));
    BearerTokens tokens =
        new BearerTokens(
            Map.of(
                "admin", Caller.of("admin", List.of(Caller.MASTERS)),
                "user", Caller.of("user", List.of())));
    ApiServerOptions options =
        ApiServerOptions.of(store, kinds)
            .withAuthenticators(List.of(tokens))
            .withListeners(listeners);
    try {
      return new TestServer(ApiServer.start(change.apply(options)), store);
    } catch (IOException e) {
      throw new AssertionError("the server does not start", e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  ApiServer server() {
    return server;
  }

  Storage store() {
    return store;
  }

  InProcessClient admin() {
    return new InProcessClient(server.handler(), "admin");
  }

  InProcessClient user() {
    return new InProcessClient(server.handler(), "user");
  }

  InProcessClient nobody() {
    return new InProcessClient(server.handler(), "");
  }

  @Override
  public void close() {
    server.close();
  }
}
