package dev.otherix.controllers;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/// The system's time, and as much later as a test says.
public final class ShiftedClock implements InstantSource {
  private final AtomicLong shiftMillis = new AtomicLong();

  public void advance(Duration by) {
    shiftMillis.addAndGet(by.toMillis());
  }

  @Override
  public Instant instant() {
    return InstantSource.system().instant().plusMillis(shiftMillis.get());
  }
}
