package dev.otherix.ctl.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// The checker of [ChaosTest] finds what it is for.
final class CounterHistoryTest {
  private final CounterHistory history = new CounterHistory();

  @Test
  void order_isNoViolation_andStaleReads_lostAndDoubleWritesAre() {
    history.add(true, 1, System.nanoTime());
    history.add(false, 1, System.nanoTime());
    history.add(true, 2, System.nanoTime());
    long before = System.nanoTime();
    history.add(true, 3, System.nanoTime());
    history.add(false, 2, before);
    assertEquals(0, history.violations().size());
    history.add(false, 1, System.nanoTime());
    assertEquals(1, history.violations().size());
    history.add(true, 3, System.nanoTime());
    assertEquals(3, history.violations().size());
  }
}
