package dev.otherix.agent.network;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class WakesTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  private final Wakes wakes = new Wakes();

  @Test
  void await_changeAtTheServer_needsNoLookAtTheHost() throws Exception {
    wakes.byServer();
    assertFalse(wakes.await(LONG));
  }

  @Test
  void await_changeOfTheHost_needsOne_andIsNotForgottenMeanwhile() throws Exception {
    wakes.byKernel();
    wakes.byServer();
    // The first may be due by then; then it is one look for both.
    if (!wakes.await(LONG)) {
      assertTrue(wakes.await(LONG));
    }
  }

  @Test
  void await_nothing_needsALookNowAndThen() throws Exception {
    assertTrue(wakes.await(Duration.ofMillis(1)));
    wakes.byKernel();
    assertTrue(wakes.await(LONG));
    assertTrue(wakes.await(Duration.ofMillis(1)));
  }
}
