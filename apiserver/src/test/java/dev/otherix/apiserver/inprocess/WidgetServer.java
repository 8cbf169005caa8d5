package dev.otherix.apiserver.inprocess;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.schema.CustomResource;
import dev.otherix.apimachinery.schema.Kinds;
import dev.otherix.apiserver.auth.Authenticator;
import dev.otherix.apiserver.http.Listener;
import dev.otherix.apiserver.server.ApiServer;
import dev.otherix.apiserver.server.ApiServerOptions;
import dev.otherix.apiserver.storage.MemoryStorage;
import dev.otherix.apiserver.storage.Storage;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;

/// A server with one kind of its own, Widget, in memory.
record WidgetServer(ApiServer server) implements AutoCloseable {
  private static final String WIDGET =
      """
      {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
       "metadata": {"name": "widgets.example.io"},
       "spec": {
         "group": "example.io", "scope": "Namespaced",
         "names": {"plural": "widgets", "singular": "widget", "kind": "Widget",
           "listKind": "WidgetList"},
         "versions": [{
           "name": "v1", "served": true, "storage": true,
           "subresources": {"status": {},
             "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}},
           "schema": {"openAPIV3Schema": {
             "type": "object",
             "properties": {
               "spec": {"type": "object", "properties": {
                 "size": {"type": "integer", "minimum": 0},
                 "colour": {"type": "string", "default": "red"}}},
               "status": {"type": "object", "properties": {
                 "ready": {"type": "boolean"}, "size": {"type": "integer"}}}}}}}]}}
      """;

  static WidgetServer start(Storage store, List<Authenticator> ways, List<Listener> listeners)
      throws IOException, InterruptedException {
    Kinds kinds = Kinds.of(CustomResource.kinds(Json.parseObject(WIDGET)));
    return new WidgetServer(
        ApiServer.start(
            ApiServerOptions.of(store, kinds).withAuthenticators(ways).withListeners(listeners)));
  }

  static MemoryStorage newStore() {
    MemoryStorage store = new MemoryStorage(InstantSource.system());
    // The server has not seen these revisions, so it cannot tell what happened since.
    for (int i = 0; i < 3; i++) {
      store.create("/before/" + i, new byte[] {'{', '}'}, null);
    }
    return store;
  }

  @Override
  public void close() {
    server.close();
  }
}
