package dev.otherix.agent.machines;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// A host's clock that goes when a test says so.
final class TestUptime implements Uptime {
  private final AtomicLong millis = new AtomicLong(1_000_000);
  private final AtomicLong boots = new AtomicLong();

  void advance(Duration by) {
    millis.addAndGet(by.toMillis());
  }

  void reboot() {
    boots.incrementAndGet();
    millis.set(1000);
  }

  @Override
  public Duration sinceBoot() {
    return Duration.ofMillis(millis.get());
  }

  @Override
  public String bootId() {
    return "boot-" + boots.get();
  }
}
