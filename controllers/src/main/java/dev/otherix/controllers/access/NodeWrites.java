package dev.otherix.controllers.access;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.admission.Validation;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.request.Warnings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Looks at what nodes write. Unlike [NodePermissions] it sees the object that is really there, so
/// that a binding that changed meanwhile counts.
final class NodeWrites implements Validation {
  static final String AGENT_FINALIZER = "otherix/agent";

  private static final List<String> SERVERS_OWN =
      List.of("finalizers", "managedFields", "resourceVersion", "generation");

  @Override
  public void validate(Attributes write, Warnings warnings) {
    String node = NodeName.of(write.caller());
    if (node.isEmpty() || write.caller().in(Caller.MASTERS)) {
      return;
    }
    String group = write.kind().group();
    String plural = write.kind().plural();
    boolean allowed =
        switch (plural) {
          case Kinds.VMS, Kinds.SNAPSHOTS -> group.equals(Kinds.GROUP) && held(node, write);
          case Kinds.TASKS -> group.equals(Kinds.GROUP) && bound(node, write) && isStatus(write);
          case Kinds.NODES ->
              group.equals(Kinds.GROUP)
                  && write.name().equals(node)
                  && isStatus(write)
                  && leavesToControllers(write);
          case "leases" -> lease(node, write);
          case "events" -> write.operation() != Operation.DELETE;
          default -> false;
        };
    if (!allowed) {
      throw ApiException.forbidden(
          group,
          plural,
          write.name(),
          "node \""
              + node
              + "\" may write only the status of what is bound to it, without what controllers"
              + " write there, take its own finalizer away, and renew its own lease");
    }
  }

  /// What the node has on its disks, which its agent holds by a finalizer.
  private static boolean held(String node, Attributes write) {
    return bound(node, write) && (isStatus(write) || takesOwnFinalizer(write));
  }

  private static boolean bound(String node, Attributes write) {
    return write.operation() == Operation.UPDATE
        && at(write.oldObject(), "/spec/nodeName").asString("").equals(node);
  }

  private static boolean isStatus(Attributes write) {
    return write.operation() == Operation.UPDATE && write.subresource().equals("status");
  }

  /// Whether nothing else changes than that the agent's finalizer goes.
  private static boolean takesOwnFinalizer(Attributes write) {
    ObjectNode old = write.oldObject();
    ObjectNode object = write.object();
    if (old == null || object == null) {
      return false;
    }
    List<String> before = finalizers(old);
    List<String> after = finalizers(object);
    if (!before.equals(after)) {
      before.remove(AGENT_FINALIZER);
    }
    return before.equals(after) && Json.equal(comparable(old), comparable(object));
  }

  private static ObjectNode comparable(ObjectNode object) {
    ObjectNode copy = object.deepCopy();
    if (copy.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove(SERVERS_OWN);
    }
    return copy;
  }

  private static List<String> finalizers(ObjectNode object) {
    List<String> all = new ArrayList<>();
    object.at("/metadata/finalizers").forEach(each -> all.add(each.asString("")));
    return all;
  }

  /// Phase and conditions of a node are what others make of its heartbeats.
  private static boolean leavesToControllers(Attributes write) {
    return same(write, "/status/phase") && same(write, "/status/conditions");
  }

  private static boolean same(Attributes write, String path) {
    return Json.equal(at(write.oldObject(), path), at(write.object(), path));
  }

  private static boolean lease(String node, Attributes write) {
    return write.kind().group().equals("coordination.k8s.io")
        && write.namespace().equals(NodePermissions.LEASES)
        && write.name().equals(node)
        && at(write.object(), "/spec/holderIdentity").asString("").equals(NodeName.user(node));
  }

  private static JsonNode at(@Nullable ObjectNode object, String path) {
    return object == null ? tools.jackson.databind.node.MissingNode.getInstance() : object.at(path);
  }
}
