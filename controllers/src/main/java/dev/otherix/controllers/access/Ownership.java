package dev.otherix.controllers.access;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.auth.Caller;
import dev.otherix.apiserver.request.Warnings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Records who made an object, and keeps people from what is not theirs to write. Unlike
/// [RolePermissions] it sees the object that is really there.
final class Ownership {
  private static final String NODE_NAME = "/spec/nodeName";
  private static final String RESERVED = "otherix/";
  private static final List<String> OWN_PROFILE = List.of("displayName", "email", "password");

  private Ownership() {}

  /// Sets the owner of a new object, and puts back the one that a replacement left out.
  static @Nullable ObjectNode mutate(Attributes write, Warnings warnings) {
    ObjectNode object = write.object();
    if (object == null || !write.kind().group().equals(Kinds.GROUP)) {
      return null;
    }
    String sent = annotated(object);
    String wanted =
        switch (write.operation()) {
          case CREATE -> sent.isEmpty() ? write.caller().name() : sent;
          case UPDATE -> sent.isEmpty() ? annotated(write.oldObject()) : sent;
          case DELETE, CONNECT -> sent;
        };
    if (wanted.equals(sent)) {
      return null;
    }
    ObjectNode changed = object.deepCopy();
    changed
        .withObjectProperty("metadata")
        .withObjectProperty("annotations")
        .put(Owner.ANNOTATION, wanted);
    return changed;
  }

  /// Refuses what the caller's role does not allow on the object that is there.
  static void validate(Attributes write, Warnings warnings) {
    if (!write.kind().group().equals(Kinds.GROUP)) {
      return;
    }
    Caller caller = write.caller();
    if (caller.in(Caller.MASTERS)) {
      return;
    }
    Role role = Role.of(caller);
    if (role != null) {
      requireOwn(write, role);
      requireOwnRole(write, caller);
      if (Kinds.is(write.kind(), Kinds.VMS) && !same(write, NODE_NAME)) {
        throw refused(write, "spec.nodeName is written by the scheduler; set spec.node instead");
      }
      if (role != Role.ADMIN) {
        requireOwner(write, caller);
        requireFinalizers(write);
      }
    }
  }

  private static void requireOwn(Attributes write, Role role) {
    ObjectNode old = write.oldObject();
    String plural = write.kind().plural();
    String verb =
        switch (write.operation()) {
          case CREATE, CONNECT -> "create";
          case UPDATE -> "update";
          case DELETE -> "delete";
        };
    Right right = Rules.needed(Kinds.GROUP, plural, verb, write.subresource());
    boolean own = right != null && right.of(role) == Scope.OWN;
    if (own && old != null && !Owner.of(plural, old).equals(write.caller().name())) {
      throw ApiException.notFound(Kinds.GROUP, plural, write.name());
    }
    boolean made = write.operation() == Operation.CREATE && plural.equals("apitokens");
    if (own
        && made
        && !at(write.object(), "/spec/user").asString("").equals(write.caller().name())) {
      throw refused(write, "spec.user must be yourself, \"" + write.caller().name() + "\"");
    }
  }

  /// Nobody makes himself more, or less; and whoever is no administrator changes no more of his own
  /// User than his profile.
  private static void requireOwnRole(Attributes write, Caller caller) {
    if (!Kinds.is(write.kind(), "users") || write.operation() != Operation.UPDATE) {
      return;
    }
    if (write.name().equals(caller.name()) && !same(write, "/spec/role")) {
      throw refused(write, "nobody may change his own role");
    }
    if (!Role.unrestricted(caller)
        && !Json.equal(withoutProfile(write.oldObject()), withoutProfile(write.object()))) {
      throw refused(write, "of your own user you may change spec." + OWN_PROFILE + " only");
    }
  }

  private static @Nullable JsonNode withoutProfile(@Nullable ObjectNode user) {
    if (user != null && user.deepCopy().get("spec") instanceof ObjectNode spec) {
      spec.remove(OWN_PROFILE);
      return spec;
    }
    return null;
  }

  private static void requireOwner(Attributes write, Caller caller) {
    ObjectNode object = write.object();
    if (object == null) {
      return;
    }
    String now = annotated(object);
    String before =
        write.operation() == Operation.CREATE ? caller.name() : annotated(write.oldObject());
    if (!now.equals(before)) {
      throw refused(write, "only an administrator changes the annotation " + Owner.ANNOTATION);
    }
  }

  /// Finalizers of the cluster stand for work that must be done before an object may go.
  private static void requireFinalizers(Attributes write) {
    if (write.object() != null && !reserved(write.oldObject()).equals(reserved(write.object()))) {
      throw refused(
          write, "finalizers that begin with " + RESERVED + " are written by the cluster itself");
    }
  }

  private static List<String> reserved(@Nullable ObjectNode object) {
    List<String> all = new ArrayList<>();
    for (JsonNode each : at(object, "/metadata/finalizers")) {
      if (each.asString("").startsWith(RESERVED)) {
        all.add(each.asString(""));
      }
    }
    return all;
  }

  private static String annotated(@Nullable ObjectNode object) {
    return object == null
        ? ""
        : object.path("metadata").path("annotations").path(Owner.ANNOTATION).asString("");
  }

  /// Whether a write leaves what stands at `path`; a delete does.
  private static boolean same(Attributes write, String path) {
    return write.object() == null
        || Objects.equals(
            at(write.oldObject(), path).asString(""), at(write.object(), path).asString(""));
  }

  private static JsonNode at(@Nullable ObjectNode object, String path) {
    return object == null ? MissingNode.getInstance() : object.at(path);
  }

  private static ApiException refused(Attributes write, String why) {
    return ApiException.forbidden(write.kind().group(), write.kind().plural(), write.name(), why);
  }
}
