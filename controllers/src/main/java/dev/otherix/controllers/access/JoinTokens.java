package dev.otherix.controllers.access;

import dev.otherix.apimachinery.object.Time;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.admission.Attributes;
import dev.otherix.apiserver.admission.Operation;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.identity.Tokens;
import dev.otherix.apiserver.registry.Registry;
import dev.otherix.apiserver.registry.Resource;
import dev.otherix.apiserver.registry.Resources;
import dev.otherix.apiserver.registry.Subresource;
import dev.otherix.apiserver.registry.Target;
import dev.otherix.apiserver.watchcache.CacheItem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The tokens that hosts join with. The object JoinToken says what a token is good for and who used
/// it; the token itself is shown once, and only its hash is kept, beside the objects. Thread-safe.
final class JoinTokens {
  static final String PREFIX = "otx_join_";

  private static final String RESOURCE = "jointokens";

  /// The kind of those that servers join with.
  private static final String SERVERS = "cluster";

  /// How long a token that does not work any more can still be told from one that never existed.
  private static final Duration REMEMBERED = Duration.ofDays(1);

  /// How often many hosts may meet at one token before one of them is told to come again.
  private static final int ATTEMPTS_MAX = 20;

  private final Records records;
  private final Resources resources;
  private final Tokens tokens;
  private final Supplier<String> caFingerprint;
  private final InstantSource clock;

  JoinTokens(
      Records records,
      Resources resources,
      Tokens tokens,
      Supplier<String> caFingerprint,
      InstantSource clock) {
    this.records = records;
    this.resources = resources;
    this.tokens = tokens;
    this.caFingerprint = caFingerprint;
    this.clock = clock;
  }

  /// What a valid token allows.
  ///
  /// @param name of the JoinToken
  /// @param role `node`, `gateway` or `cluster`
  record Grant(String name, String uid, String role) {}

  /// Makes the token of a new JoinToken: see [dev.otherix.apiserver.registry.Keeping].
  @Nullable ObjectNode keep(Attributes write) {
    ObjectNode object = write.object();
    if (object == null || write.dryRun()) {
      return null;
    }
    if (write.operation() != Operation.CREATE) {
      if (object.get("status") instanceof ObjectNode status) {
        status.remove("token");
      }
      return null;
    }
    Duration ttl = Duration.ofSeconds(object.at("/spec/ttlSeconds").asLong());
    Instant expires = clock.instant().truncatedTo(ChronoUnit.SECONDS).plus(ttl);
    String token = tokens.next(PREFIX);
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("name", write.name()).put("uid", object.at("/metadata/uid").asString(""));
    record.put("hash", Tokens.hash(token));
    records.create(Tokens.id(token), record, ttl.plus(REMEMBERED));
    ObjectNode status = object.putObject("status");
    status.put("caFingerprintSHA256", caFingerprint.get());
    status.put("expiresAt", new Time(expires).toString());
    status.put("consumptionCount", 0L);
    ObjectNode shown = object.deepCopy();
    shown.withObjectProperty("status").put("token", token);
    return shown;
  }

  /// What the token allows a host of this name.
  ///
  /// @throws ApiException 401 when it is not known, has expired or was used up; 400 when it is for
  ///   another name or not for nodes
  Grant check(String token, String nodeName) throws InterruptedException {
    return check(token, nodeName, false);
  }

  /// What the token allows a server of this name.
  ///
  /// @throws ApiException like [#check], 400 when it is not for servers
  Grant checkServer(String token, String name) throws InterruptedException {
    return check(token, name, true);
  }

  private Grant check(String token, String nodeName, boolean server) throws InterruptedException {
    Records.Found record = token.startsWith(PREFIX) ? records.find(Tokens.id(token)) : null;
    if (record != null && !Tokens.matches(token, record.value().path("hash").asString(""))) {
      record = null;
    }
    String name = record == null ? "" : record.value().path("name").asString("");
    Resource resource = resources.find(Kinds.GROUP, RESOURCE);
    CacheItem item = name.isEmpty() || resource == null ? null : resource.find("", name);
    ObjectNode object = item == null ? null : item.object().toTree();
    String uid = record == null ? "" : record.value().path("uid").asString("");
    if (object == null || !object.at("/metadata/uid").asString("").equals(uid)) {
      throw refused(
          StatusReason.UNAUTHORIZED,
          "TokenUnknown",
          "the join token is not known: it was mistyped, or its JoinToken was deleted; ask for a"
              + " new one");
    }
    requireUsable(object, nodeName, server);
    return new Grant(name, uid, object.at("/spec/kind").asString("node"));
  }

  private void requireUsable(ObjectNode object, String nodeName, boolean server) {
    String role = object.at("/spec/kind").asString("node");
    if (role.equals(SERVERS) != server) {
      throw refused(
          StatusReason.BAD_REQUEST,
          "TokenKindMismatch",
          server
              ? "the join token is for nodes, not for servers of the control plane; ask for one of"
                  + " kind cluster"
              : "the join token is for servers of the control plane, not for nodes; ask for one of"
                  + " kind node");
    }
    String intended = object.at("/spec/intendedNodeName").asString("");
    if (!intended.isEmpty() && !intended.equals(nodeName)) {
      throw refused(
          StatusReason.BAD_REQUEST,
          "NodeNameMismatch",
          "the join token is for the node name \""
              + intended
              + "\", not \""
              + nodeName
              + "\"; join under that name or ask for another token");
    }
    Time expires = Time.parse(object.at("/status/expiresAt").asString(""));
    if (!expires.instant().isAfter(clock.instant())) {
      throw refused(
          StatusReason.UNAUTHORIZED,
          "TokenExpired",
          "the join token expired at " + expires + "; ask for a new one");
    }
    long used = object.at("/status/consumptionCount").asLong(0);
    if (used >= object.at("/spec/maxUses").asLong(1)) {
      throw refused(
          StatusReason.UNAUTHORIZED,
          "TokenExhausted",
          "the join token was used "
              + used
              + " times, which is all it is good for; ask for a new"
              + " one");
    }
  }

  /// Takes one use of the token and notes who took it. Of hosts that come at the same time as many
  /// succeed as the token has uses left.
  void consume(Registry registry, Grant grant, String nodeName, String source)
      throws InterruptedException {
    ObjectNode use = JsonNodeFactory.instance.objectNode();
    use.put("consumedAt", new Time(clock.instant().truncatedTo(ChronoUnit.SECONDS)).toString());
    use.put("nodeName", nodeName).put("sourceIP", source);
    change(
        registry,
        grant,
        object -> {
          requireUsable(object, nodeName, grant.role.equals(SERVERS));
          ObjectNode status = object.withObjectProperty("status");
          status.put("consumptionCount", status.path("consumptionCount").asLong(0) + 1);
          status.withArrayProperty("consumptions").add(use);
        });
  }

  /// Gives a use back that came to nothing.
  void giveBack(Registry registry, Grant grant, String nodeName) throws InterruptedException {
    change(
        registry,
        grant,
        object -> {
          ObjectNode status = object.withObjectProperty("status");
          ArrayNode uses = status.withArrayProperty("consumptions");
          for (int i = uses.size() - 1; i >= 0; i--) {
            JsonNode each = uses.get(i);
            if (each.path("nodeName").asString("").equals(nodeName)) {
              uses.remove(i);
              status.put("consumptionCount", status.path("consumptionCount").asLong(1) - 1);
              return;
            }
          }
        });
  }

  @FunctionalInterface
  private interface Edit {
    void apply(ObjectNode live);
  }

  private void change(Registry registry, Grant grant, Edit edit) throws InterruptedException {
    Resource.Version version = resources.find(Kinds.GROUP, Kinds.VERSION, RESOURCE);
    if (version == null) {
      throw new IllegalStateException("join tokens are not served");
    }
    Target target = new Target(version, "", grant.name, Subresource.STATUS);
    for (int i = 1; ; i++) {
      try {
        registry.update(
            target,
            live -> {
              if (!live.at("/metadata/uid").asString("").equals(grant.uid)) {
                throw ApiException.notFound(Kinds.GROUP, RESOURCE, grant.name);
              }
              edit.apply(live);
              return live;
            },
            ServerIdentity.context());
        return;
      } catch (ApiException e) {
        if (!e.is(StatusReason.CONFLICT) || i == ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  private static ApiException refused(StatusReason reason, String code, String message) {
    Status.Details details =
        Status.Details.of(Kinds.GROUP, RESOURCE, "")
            .withCauses(List.of(new Status.Cause(code, message, "token")));
    return new ApiException(Status.failure(reason, message, details));
  }
}
