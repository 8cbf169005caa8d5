package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.registry.WriteContext;
import dev.otherix.apiserver.request.Warnings;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Puts into an empty store what clients expect to find.
final class Bootstrap {
  private static final Caller SERVER =
      Caller.of("system:apiserver", List.of(Caller.MASTERS, Caller.AUTHENTICATED));
  private static final List<String> NAMESPACES =
      List.of("default", "kube-system", "kube-public", "kube-node-lease");

  private Bootstrap() {}

  /// Creates the namespaces that are missing.
  static void namespaces(Resources resources, Registry registry, List<String> more) {
    Resource.Version version = resources.find("", "v1", "namespaces");
    if (version == null) {
      return;
    }
    List<String> names = new ArrayList<>(NAMESPACES);
    names.addAll(more);
    for (String name : names) {
      ObjectNode namespace = JsonNodeFactory.instance.objectNode();
      namespace.put("apiVersion", "v1").put("kind", "Namespace");
      namespace.putObject("metadata").put("name", name);
      version.kind().prepare(namespace);
      try {
        registry.create(
            version,
            "",
            namespace,
            new WriteContext(SERVER, "otherix-apiserver", false, new Warnings()));
      } catch (ApiException e) {
        if (!e.is(StatusReason.ALREADY_EXISTS)) {
          throw e;
        }
      }
    }
  }
}
