package dev.otherix.controllers.relay;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.identity.Tokens;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Tokens that open one stream, once and soon: what a browser or a tool shows in the place of its
/// credentials. Only their hashes are kept. The lock guards the map.
final class Tickets {
  static final Duration LIFETIME = Duration.ofSeconds(30);
  static final int TICKETS_MAX = 4096;
  private static final String PREFIX = "otx_stream_";

  private final Tokens tokens;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Ticket> open = new HashMap<>();

  Tickets(SecureRandom random, InstantSource clock) {
    this.tokens = new Tokens(random);
    this.clock = clock;
  }

  /// @param stream such as `console`
  /// @param user who asked for it
  /// @param allowed whether he still is who he was, and may still open it
  record Ticket(
      String stream,
      String vm,
      String uid,
      String user,
      BooleanSupplier allowed,
      int tailLines,
      Instant expires) {}

  /// A new token and what it opens.
  record Issued(String token, Ticket ticket) {}

  Issued issue(
      String stream, String vm, String uid, String user, BooleanSupplier allowed, int tailLines) {
    Instant now = clock.instant();
    Ticket ticket = new Ticket(stream, vm, uid, user, allowed, tailLines, now.plus(LIFETIME));
    String token = tokens.next(PREFIX);
    lock.lock();
    try {
      open.values().removeIf(each -> !each.expires.isAfter(now));
      if (open.size() >= TICKETS_MAX) {
        throw ApiException.tooManyRequests("too many streams are being opened at once", 5);
      }
      open.put(Tokens.hash(token), ticket);
    } finally {
      lock.unlock();
    }
    return new Issued(token, ticket);
  }

  /// Null when the token was never one, was used before, or is too old.
  @Nullable Ticket redeem(String token) {
    lock.lock();
    try {
      Ticket ticket = open.remove(Tokens.hash(token));
      return ticket != null && ticket.expires.isAfter(clock.instant()) ? ticket : null;
    } finally {
      lock.unlock();
    }
  }
}
