package dev.otherix.controllers.simulation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Time that passes only when the simulation says so.
final class VirtualClock implements InstantSource {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Override
  public Instant instant() {
    return now;
  }

  void advance(Duration by) {
    now = now.plus(by);
  }
}
