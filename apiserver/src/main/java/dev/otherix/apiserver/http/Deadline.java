package dev.otherix.apiserver.http;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A moment by which something has to happen. Moving it on is cheap: the timer behind it is only
/// touched when it would ring too late. Belongs to one event loop.
final class Deadline {
  private final EventExecutor loop;
  private final Runnable expired;
  private boolean armed;
  private long at;
  private long ringsAt;
  private @Nullable ScheduledFuture<?> timer;

  Deadline(EventExecutor loop, Runnable expired) {
    this.loop = loop;
    this.expired = expired;
  }

  /// From now on, whatever was set before.
  void set(Duration after) {
    armed = true;
    at = loop.ticker().nanoTime() + after.toNanos();
    if (timer == null || ringsAt - at > 0) {
      schedule();
    }
  }

  void setUnlessArmed(Duration after) {
    if (!armed) {
      set(after);
    }
  }

  void clear() {
    armed = false;
  }

  /// Lets go of the timer; for the end.
  void cancel() {
    armed = false;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void schedule() {
    if (timer != null) {
      timer.cancel(false);
    }
    ringsAt = at;
    long delay = Math.max(0, at - loop.ticker().nanoTime());
    timer = loop.schedule(this::ring, delay, TimeUnit.NANOSECONDS);
  }

  private void ring() {
    timer = null;
    if (!armed) {
      return;
    }
    if (at - loop.ticker().nanoTime() > 0) {
      schedule();
    } else {
      armed = false;
      expired.run();
    }
  }
}
