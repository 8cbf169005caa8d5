package dev.otherix.controllers.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apiserver.storage.MemoryStorage;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

final class TicketsTest {
  private static final ObjectNode OPTIONS = JsonNodeFactory.instance.objectNode().put("tail", 20L);

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final MemoryStorage store = new MemoryStorage(now::get);
  private final Tickets tickets = new Tickets(store, new SecureRandom(), now::get);
  private final AtomicBoolean allowed = new AtomicBoolean(true);

  private Tickets.Issued issue() {
    return tickets.issue("console", "web", "u1", "ada", allowed::get, OPTIONS);
  }

  private void pass(Duration time) {
    now.updateAndGet(each -> each.plus(time));
  }

  @Test
  void redeem_once_opensWhatItIsFor() {
    Tickets.Issued issued = issue();
    assertEquals(issued.ticket(), redeem(tickets, issued).ticket());
    assertNull(tickets.redeem(issued.token()));
    assertNotEquals(issued.token(), issue().token());
  }

  private static Tickets.Redeemed redeem(Tickets at, Tickets.Issued issued) {
    return Objects.requireNonNull(at.redeem(issued.token()));
  }

  @Test
  void redeem_whereItWasIssued_lastsAsLongAsTheRight() {
    Tickets.Redeemed redeemed = redeem(tickets, issue());
    pass(Tickets.ELSEWHERE_MAX.multipliedBy(2));
    assertTrue(redeemed.allowed().getAsBoolean());
    allowed.set(false);
    assertFalse(redeemed.allowed().getAsBoolean());
  }

  @Test
  void redeem_atAnotherServer_lastsForAWhile() {
    Tickets other = new Tickets(store, new SecureRandom(), now::get);
    Tickets.Redeemed redeemed = redeem(other, issue());
    pass(Tickets.ELSEWHERE_MAX.minusMillis(1));
    assertTrue(redeemed.allowed().getAsBoolean());
    pass(Duration.ofMillis(1));
    assertFalse(redeemed.allowed().getAsBoolean());
  }

  @Test
  void redeem_lateOrUnknown_isNothing() {
    String inTime = issue().token();
    String late = issue().token();
    pass(Tickets.LIFETIME.minusMillis(1));
    assertNotNull(tickets.redeem(inTime));
    pass(Duration.ofMillis(1));
    assertNull(tickets.redeem(late));
    assertNull(tickets.redeem("otx_stream_x"));
  }

  @Test
  void issue_tooMany_isRefused_untilTheyAreOver() {
    for (int i = 0; i < Tickets.TICKETS_MAX; i++) {
      issue();
    }
    assertEquals(429, assertThrows(ApiException.class, this::issue).code());
    pass(Tickets.LIFETIME);
    assertNotNull(issue());
  }
}
