package dev.otherix.controllers.access;

import dev.otherix.apimachinery.codec.Json;
import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.identity.Passwords;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.request.Warnings;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The passwords of users. A password comes in with `spec.password`, and only its hash stays,
/// beside the objects. A new one ends all sessions of the user.
final class Users {
  private static final String PASSWORD = "password";
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
  private static final int DIFFERENT_MIN = 5;

  private final Records hashes;
  private final Passwords passwords;
  private final Sessions sessions;
  private final InstantSource clock;

  Users(Records hashes, Passwords passwords, Sessions sessions, InstantSource clock) {
    this.hashes = hashes;
    this.passwords = passwords;
    this.sessions = sessions;
    this.clock = clock;
  }

  /// The hash of a user's password; null when there is none.
  @Nullable String hash(String uid) {
    Records.Found found = hashes.find(uid);
    return found == null ? null : found.value().path("hash").asString("");
  }

  /// Refuses passwords that anybody would guess; the schema checks the length.
  void validate(Attributes write, Warnings warnings) {
    ObjectNode object = write.object();
    String password = object == null ? "" : object.at("/spec/password").asString("");
    if (password.isEmpty() || !Kinds.is(write.kind(), "users")) {
      return;
    }
    String why = "";
    if (password.toLowerCase(Locale.ROOT).contains(write.name())) {
      why = "must not contain the user's name";
    } else if (password.chars().distinct().count() < DIFFERENT_MIN) {
      why = "must have at least " + DIFFERENT_MIN + " different characters";
    }
    if (!why.isEmpty()) {
      FieldPath at = FieldPath.ROOT.child("spec").child(PASSWORD);
      throw ApiException.invalid(
          Kinds.GROUP, "User", write.name(), List.of(FieldError.forbidden(at, why)));
    }
  }

  /// Keeps the hash and takes the password out of the object: see
  /// [dev.otherix.apiserver.registry.Keeping].
  @Nullable ObjectNode keep(Attributes write) {
    ObjectNode object = write.object();
    if (object == null || !(object.get("spec") instanceof ObjectNode spec)) {
      return null;
    }
    JsonNode password = spec.remove(PASSWORD);
    forget(object);
    if (password == null || write.dryRun()) {
      return null;
    }
    String uid = object.at("/metadata/uid").asString("");
    try {
      String hash = passwords.hash(password.asString());
      hashes.change(uid, null, record -> record.put("hash", hash));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.of(StatusReason.TIMEOUT, "interrupted while hashing the password");
    }
    sessions.endAll(uid);
    object
        .withObjectProperty("status")
        .put("passwordSetAt", new Time(clock.instant().truncatedTo(ChronoUnit.SECONDS)).toString());
    return null;
  }

  /// kubectl keeps a copy of what it applies in an annotation.
  private static void forget(ObjectNode object) {
    if (object.path("metadata").path("annotations") instanceof ObjectNode annotations
        && annotations.has(LAST_APPLIED)) {
      try {
        ObjectNode copy = Json.parseObject(annotations.path(LAST_APPLIED).asString(""));
        if (copy.get("spec") instanceof ObjectNode spec && spec.has(PASSWORD)) {
          spec.remove(PASSWORD);
          annotations.put(LAST_APPLIED, copy.toString());
        }
      } catch (ApiException | IllegalArgumentException _) {
        annotations.remove(LAST_APPLIED);
      }
    }
  }
}
