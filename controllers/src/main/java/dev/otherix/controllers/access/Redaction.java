package dev.otherix.controllers.access;

import dev.otherix.apimachinery.codec.EncodedObject;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.endpoint.Views;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Leaves out of objects what their reader may not see: of a machine what could hold secrets, for
/// those who may not open its console; of a node all but what it is called and whether it works.
final class Redaction implements Views {
  /// What kubectl keeps in an annotation is a copy of all that it ever sent.
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private static final List<String> OF_CONSOLE = List.of("userData", "networkConfig", "imageURL");
  private static final List<String> NODE_SPEC = List.of("arch", "roles", "cordoned", "draining");
  private static final List<String> NODE_STATUS = List.of("phase");

  @Override
  public @Nullable UnaryOperator<EncodedObject> of(Caller caller, Kind kind) {
    Role role = Role.of(caller);
    if (role == null || Role.unrestricted(caller)) {
      return null;
    }
    if (Kinds.is(kind, Kinds.VMS)) {
      return switch (Right.VM_CONSOLE.of(role)) {
        case ANY -> null;
        case OWN -> object -> machine(object, caller.name());
        case NONE -> object -> machine(object, "");
      };
    }
    Right read = Rules.needed(kind.group(), kind.plural(), "get", "");
    if (read != null && read.of(role) == Scope.OWN) {
      return object -> own(object, kind, caller.name());
    }
    boolean summary = Kinds.is(kind, Kinds.NODES) && Right.NODE_DETAIL.of(role) == Scope.NONE;
    return summary ? Redaction::node : null;
  }

  /// What [RolePermissions] decided by memory, which may not have had the object yet.
  private static EncodedObject own(EncodedObject whole, Kind kind, String reader) {
    ObjectNode tree = whole.toTree();
    if (!Owner.of(kind.plural(), tree).equals(reader)) {
      throw ApiException.notFound(
          kind.group(), kind.plural(), tree.at("/metadata/name").asString(""));
    }
    return whole;
  }

  /// @param reader who may open the console of his own; empty for nobody
  private static EncodedObject machine(EncodedObject whole, String reader) {
    ObjectNode tree = whole.toTree();
    if (!reader.isEmpty() && Owner.of(Kinds.VMS, tree).equals(reader)) {
      return whole;
    }
    dropCopies(tree);
    if (tree.get("spec") instanceof ObjectNode spec) {
      spec.remove(OF_CONSOLE);
    }
    return EncodedObject.of(whole.head(), whole.revision(), tree);
  }

  private static EncodedObject node(EncodedObject whole) {
    ObjectNode tree = whole.toTree();
    dropCopies(tree);
    keep(tree.get("spec"), NODE_SPEC);
    keep(tree.get("status"), NODE_STATUS);
    return EncodedObject.of(whole.head(), whole.revision(), tree);
  }

  private static void keep(@Nullable JsonNode object, List<String> members) {
    if (object instanceof ObjectNode parent) {
      parent.retain(members);
    }
  }

  private static void dropCopies(ObjectNode tree) {
    if (tree.path("metadata").path("annotations") instanceof ObjectNode annotations) {
      annotations.remove(LAST_APPLIED);
    }
  }
}
