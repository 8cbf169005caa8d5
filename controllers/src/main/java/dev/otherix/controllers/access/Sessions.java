package dev.otherix.controllers.access;

import dev.otherix.apiserver.identity.Mirror;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.identity.Tokens;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Who is logged in. A session begins with a login and goes on with refresh tokens, each good for
/// one use: whoever shows a used one ends the session, because then two have it. Access tokens
/// count only while their session does. Thread-safe; methods block, but for [#lives].
final class Sessions {
  static final String AREA = "sessions";
  static final Duration LIFETIME = Duration.ofDays(30);

  private static final String PREFIX = "otx_refresh_";
  private static final String CURRENT = "current";
  private static final String USED = "used";

  /// Of used tokens of one session that are remembered.
  private static final int USED_MAX = 64;

  private final Records records;
  private final Mirror mirror;
  private final Tokens tokens;
  private final InstantSource clock;

  Sessions(Records records, Mirror mirror, Tokens tokens, InstantSource clock) {
    this.records = records;
    this.mirror = mirror;
    this.tokens = tokens;
    this.clock = clock;
  }

  /// A session and the refresh token that continues it.
  ///
  /// @param id of the user and of the session, `UID/ID`
  /// @param user name
  record Open(String id, String user, String refreshToken) {
    String session() {
      return id.substring(id.indexOf('/') + 1);
    }

    String userUid() {
      return id.substring(0, id.indexOf('/'));
    }
  }

  Open begin(People.Person person, String source, String userAgent) {
    String id = person.uid() + "/" + Tokens.hash(tokens.next("")).substring(0, 16);
    String secret = tokens.next("");
    Instant now = clock.instant();
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("user", person.name()).put("source", source).put("userAgent", userAgent);
    record.put("began", now.toString()).put("lastUsed", now.toString());
    record.put(CURRENT, Tokens.hash(secret)).putArray(USED);
    records.create(id, record, LIFETIME);
    return new Open(id, person.name(), token(id, secret));
  }

  private static String token(String id, String secret) {
    return PREFIX + id.replace('/', '_') + "_" + secret;
  }

  /// The next token of a session; null when `token` does not continue one. A used token ends its
  /// session.
  @Nullable Open refresh(String token) {
    String[] parts = parts(token);
    if (parts == null) {
      return null;
    }
    String id = parts[0] + "/" + parts[1];
    String shown = Tokens.hash(parts[2]);
    Records.Found found = records.find(id);
    if (found == null) {
      return null;
    }
    ObjectNode record = found.value();
    if (!same(record.path(CURRENT).asString(""), shown)) {
      if (isUsed(record, shown)) {
        end(id);
      }
      return null;
    }
    String secret = tokens.next("");
    ArrayNode used = record.withArrayProperty(USED);
    used.add(shown);
    if (used.size() > USED_MAX) {
      used.remove(0);
    }
    record.put(CURRENT, Tokens.hash(secret)).put("lastUsed", clock.instant().toString());
    if (!records.replace(id, record, found.revision(), LIFETIME)) {
      // Somebody else continued the session with the same token at the same time.
      end(id);
      return null;
    }
    return new Open(id, record.path("user").asString(""), token(id, secret));
  }

  /// Ends the session that a refresh token is of, if it is one.
  void endByToken(String token) {
    String[] parts = parts(token);
    if (parts != null) {
      String id = parts[0] + "/" + parts[1];
      Records.Found found = records.find(id);
      boolean its =
          found != null
              && (same(found.value().path(CURRENT).asString(""), Tokens.hash(parts[2]))
                  || isUsed(found.value(), Tokens.hash(parts[2])));
      if (its) {
        end(id);
      }
    }
  }

  private static String @Nullable [] parts(String token) {
    if (!token.startsWith(PREFIX) || token.length() > 200) {
      return null;
    }
    String[] parts = token.substring(PREFIX.length()).split("_", 3);
    return parts.length == 3 && isId(parts[0]) && isId(parts[1]) ? parts : null;
  }

  private static boolean isId(String text) {
    boolean good = !text.isEmpty();
    for (int i = 0; i < text.length() && good; i++) {
      char c = text.charAt(i);
      good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return good;
  }

  private static boolean isUsed(ObjectNode record, String hash) {
    for (JsonNode each : record.path(USED)) {
      if (same(each.asString(""), hash)) {
        return true;
      }
    }
    return false;
  }

  private static boolean same(String left, String right) {
    return MessageDigest.isEqual(
        left.getBytes(StandardCharsets.US_ASCII), right.getBytes(StandardCharsets.US_ASCII));
  }

  /// Whether the session goes on, as memory has it.
  boolean lives(String userUid, String session) {
    return isId(userUid) && isId(session) && mirror.find(userUid + "/" + session) != null;
  }

  /// Whether the session goes on, as the store has it.
  boolean livesNow(String userUid, String session) {
    return isId(userUid) && isId(session) && records.find(userUid + "/" + session) != null;
  }

  /// Ends one session; unknown ones are ended already.
  void end(String id) {
    Records.Found found = records.find(id);
    while (found != null && !records.remove(found)) {
      found = records.find(id);
    }
  }

  void endAll(String userUid) {
    for (Records.Found each : of(userUid)) {
      end(each.id());
    }
  }

  List<Records.Found> of(String userUid) {
    return isId(userUid) ? records.list(userUid + "/") : List.of();
  }
}
