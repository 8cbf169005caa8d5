package dev.otherix.controllers.relay;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.identity.Records;
import dev.otherix.apiserver.identity.Tokens;
import dev.otherix.apiserver.storage.Storage;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Tokens that open one stream, once and soon: what a browser or a tool shows in the place of its
/// credentials. Only their hashes are kept, in the store, so that every server of the cluster takes
/// them. The lock guards what this server issued.
final class Tickets {
  static final Duration LIFETIME = Duration.ofSeconds(30);

  /// Issued by one server within their lifetime.
  static final int TICKETS_MAX = 4096;

  /// How long a stream lasts at another server than the one that knows who asked for it. Whoever
  /// wants more asks again, and is checked again.
  static final Duration ELSEWHERE_MAX = Duration.ofMinutes(15);

  private static final String PREFIX = "otx_stream_";
  private static final String USED = "used";

  private final Records records;
  private final Tokens tokens;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();

  /// By the tokens' hashes, the oldest first.
  private final Map<String, Own> issuedHere = new LinkedHashMap<>();

  /// @param allowed whether he who asked still is who he was, and may still open it
  private record Own(Instant expires, BooleanSupplier allowed) {}

  Tickets(Storage store, SecureRandom random, InstantSource clock) {
    this.records = new Records(store, "tickets");
    this.tokens = new Tokens(random);
    this.clock = clock;
  }

  /// @param stream such as `console`
  /// @param user who asked for it
  /// @param options what the agent is to know besides
  record Ticket(
      String stream, String vm, String uid, String user, ObjectNode options, Instant expires) {
    ObjectNode toJson() {
      return JsonNodeFactory.instance
          .objectNode()
          .put("stream", stream)
          .put("vm", vm)
          .put("uid", uid)
          .put("user", user)
          .put("expires", expires.toString())
          .set("options", options.deepCopy());
    }

    static Ticket of(ObjectNode record) {
      return new Ticket(
          record.path("stream").asString(""),
          record.path("vm").asString(""),
          record.path("uid").asString(""),
          record.path("user").asString(""),
          record.path("options") instanceof ObjectNode options
              ? options.deepCopy()
              : JsonNodeFactory.instance.objectNode(),
          Instant.parse(record.path("expires").asString("")));
    }
  }

  /// A new token and what it opens.
  record Issued(String token, Ticket ticket) {}

  /// What a token opened.
  ///
  /// @param allowed whether the stream may begin, and go on
  record Redeemed(Ticket ticket, BooleanSupplier allowed) {}

  /// @param allowed whether he who asks is still who he is, and may still open it
  Issued issue(
      String stream,
      String vm,
      String uid,
      String user,
      BooleanSupplier allowed,
      ObjectNode options) {
    Instant now = clock.instant();
    Ticket ticket = new Ticket(stream, vm, uid, user, options, now.plus(LIFETIME));
    String token = tokens.next(PREFIX);
    String id = Tokens.hash(token);
    lock.lock();
    try {
      Iterator<Own> oldest = issuedHere.values().iterator();
      while (oldest.hasNext() && !oldest.next().expires.isAfter(now)) {
        oldest.remove();
      }
      if (issuedHere.size() >= TICKETS_MAX) {
        throw ApiException.tooManyRequests("too many streams are being opened at once", 5);
      }
      issuedHere.put(id, new Own(ticket.expires, allowed));
    } finally {
      lock.unlock();
    }
    records.create(id, ticket.toJson(), LIFETIME);
    return new Issued(token, ticket);
  }

  /// Null when the token was never one, was used before, or is too old.
  @Nullable Redeemed redeem(String token) {
    String id = Tokens.hash(token);
    Records.Found found = records.find(id);
    if (found == null || found.value().has(USED)) {
      return null;
    }
    Ticket ticket = Ticket.of(found.value());
    ObjectNode used = ticket.toJson().put(USED, true);
    // Of two who show it at once, at any server, one is faster.
    boolean first = records.replace(id, used, found.revision(), LIFETIME);
    Instant now = clock.instant();
    return first && ticket.expires.isAfter(now) ? new Redeemed(ticket, allowed(id, now)) : null;
  }

  private BooleanSupplier allowed(String id, Instant now) {
    lock.lock();
    try {
      Own own = issuedHere.get(id);
      return own != null ? own.allowed : () -> clock.instant().isBefore(now.plus(ELSEWHERE_MAX));
    } finally {
      lock.unlock();
    }
  }
}
