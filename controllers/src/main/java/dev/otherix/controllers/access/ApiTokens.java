package dev.otherix.controllers.access;

import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.identity.Mirror;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.identity.Tokens;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The tokens by which programs act for users. The object APIToken says for whom and how long; the
/// token itself is shown once, and only its hash is kept, beside the objects. Thread-safe.
final class ApiTokens {
  static final String AREA = "apitokens";
  static final String PREFIX = "otx_";

  private static final String RESOURCE = "apitokens";
  private static final int SHOWN_CHARACTERS = 8;

  /// How long the hash of an expired token is remembered.
  private static final Duration REMEMBERED = Duration.ofDays(1);

  private final Records records;
  private final Mirror mirror;
  private final Resources resources;
  private final People people;
  private final Tokens tokens;
  private final InstantSource clock;

  ApiTokens(
      Records records,
      Mirror mirror,
      Resources resources,
      People people,
      Tokens tokens,
      InstantSource clock) {
    this.records = records;
    this.mirror = mirror;
    this.resources = resources;
    this.people = people;
    this.tokens = tokens;
    this.clock = clock;
  }

  /// Makes the token of a new APIToken, and notes when one was revoked: see
  /// [dev.otherix.apiserver.registry.Keeping].
  @Nullable ObjectNode keep(Attributes write) {
    ObjectNode object = write.object();
    if (object == null) {
      return null;
    }
    if (write.operation() != Operation.CREATE) {
      noteRevocation(write, object);
      return null;
    }
    People.Person person = owner(object.at("/spec/user").asString(""));
    if (write.dryRun()) {
      return null;
    }
    String token = tokens.next(PREFIX);
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("name", write.name()).put("uid", object.at("/metadata/uid").asString(""));
    record.put("userUid", person.uid());
    record.put("hash", Tokens.hash(token));
    records.create(Tokens.id(token), record, timeToLive(object));
    object.putObject("status").put("prefix", token.substring(0, SHOWN_CHARACTERS));
    ObjectNode shown = object.deepCopy();
    shown.withObjectProperty("status").put("token", token);
    return shown;
  }

  private People.Person owner(String name) {
    People.Person person;
    try {
      person = people.find(name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.of(StatusReason.TIMEOUT, "interrupted while looking for user " + name);
    }
    if (person == null) {
      FieldPath at = FieldPath.ROOT.child("spec").child("user");
      throw ApiException.invalid(
          Kinds.GROUP,
          "APIToken",
          "",
          List.of(FieldError.notFound(at, JsonNodeFactory.instance.stringNode(name))));
    }
    return person;
  }

  private @Nullable Duration timeToLive(ObjectNode object) {
    String expires = object.at("/spec/expiresAt").asString("");
    if (expires.isEmpty()) {
      return null;
    }
    Duration left = Duration.between(clock.instant(), Time.parse(expires).instant());
    if (!left.isPositive()) {
      FieldPath at = FieldPath.ROOT.child("spec").child("expiresAt");
      throw ApiException.invalid(
          Kinds.GROUP,
          "APIToken",
          "",
          List.of(FieldError.invalid(at, object.at("/spec/expiresAt"), "must be in the future")));
    }
    return left.plus(REMEMBERED);
  }

  private void noteRevocation(Attributes write, ObjectNode object) {
    ObjectNode old = write.oldObject();
    boolean now = object.at("/spec/revoked").asBoolean(false);
    boolean before = old != null && old.at("/spec/revoked").asBoolean(false);
    if (before && !now) {
      throw ApiException.forbidden(
          Kinds.GROUP, RESOURCE, write.name(), "a revoked token stays revoked; make a new one");
    }
    ObjectNode status = object.withObjectProperty("status");
    status.remove("token");
    if (now && !before) {
      status.put("revokedAt", new Time(clock.instant().truncatedTo(ChronoUnit.SECONDS)).toString());
    }
  }

  /// For whom a token acts.
  ///
  /// @param token the name of the APIToken
  record Holder(People.Person person, String token) {}

  /// Null for a token that is not known in memory, or does not count.
  @Nullable Holder peek(String token) {
    JsonNode record = mirror.find(Tokens.id(token));
    Resource resource = resources.find(Kinds.GROUP, RESOURCE);
    if (record == null || resource == null) {
      return null;
    }
    CacheItem item = resource.peek("", record.path("name").asString(""));
    return item == null ? null : holder(token, record, item, people.peek(item.field("spec.user")));
  }

  /// Null for a token that does not count.
  @Nullable Holder find(String token) throws InterruptedException {
    Records.Found record = records.find(Tokens.id(token));
    Resource resource = resources.find(Kinds.GROUP, RESOURCE);
    if (record == null || resource == null) {
      return null;
    }
    CacheItem item = resource.find("", record.value().path("name").asString(""));
    return item == null
        ? null
        : holder(token, record.value(), item, people.find(item.field("spec.user")));
  }

  private @Nullable Holder holder(
      String token, JsonNode record, CacheItem item, People.@Nullable Person person) {
    ObjectNode object = item.object().toTree();
    String expires = object.at("/spec/expiresAt").asString("");
    Instant now = clock.instant();
    boolean counts =
        person != null
            && Tokens.matches(token, record.path("hash").asString(""))
            && person.uid().equals(record.path("userUid").asString(""))
            && object.at("/metadata/uid").asString("").equals(record.path("uid").asString(""))
            && !object.at("/spec/revoked").asBoolean(false)
            && (expires.isEmpty() || Time.parse(expires).instant().isAfter(now));
    return counts && person != null
        ? new Holder(person, object.at("/metadata/name").asString(""))
        : null;
  }
}
