package dev.otherix.controllers.access;

import dev.otherix.apimachinery.client.ServerDirectory;
import dev.otherix.apiserver.auth.Permission;
import dev.otherix.apiserver.endpoint.Pages;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.request.Call;
import dev.otherix.apiserver.server.Replicas;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `GET /v1/servers`, for everybody whom the cluster knows: the servers that share its store, so
/// that clients and agents can go to another one.
final class ServerPaths {
  private final Replicas replicas;

  ServerPaths(Replicas replicas) {
    this.replicas = replicas;
  }

  Pages addTo(Pages pages) {
    return pages.serving(ServerDirectory.PATH, this::servers);
  }

  static boolean isOfTheKnown(Permission permission) {
    return permission.path().equals(ServerDirectory.PATH) && permission.verb().equals("get");
  }

  private Answer servers(Call call) {
    JsonExchange.requireMethod(call, "GET");
    call.requireThread();
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    put(body, replicas);
    return JsonExchange.answer(200, body);
  }

  /// Adds the member `servers`.
  static void put(ObjectNode body, Replicas replicas) {
    ArrayNode list = body.putArray("servers");
    for (Replicas.Replica each : replicas.present()) {
      list.addObject().put("url", each.url().toString()).put("version", each.version());
    }
  }
}
