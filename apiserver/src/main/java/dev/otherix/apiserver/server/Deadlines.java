package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.object.GoDuration;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.request.Call;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// Ends requests that take too long: interrupts their thread once the time is over, which every
/// wait in the server answers to. A watch has a time of its own.
///
/// One task looks at all requests a few times a second, because a timer for each would cost more
/// than most requests do.
final class Deadlines implements Filter {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private final Duration longest;
  private final Set<Running> all = ConcurrentHashMap.newKeySet();

  /// A request with its thread.
  private static final class Running {
    private enum State {
      WORKING,
      LATE,
      DONE
    }

    private final Thread thread = Thread.currentThread();
    private final AtomicReference<State> state = new AtomicReference<>(State.WORKING);
    private final long endNanos;

    Running(Duration time) {
      this.endNanos = System.nanoTime() + time.toNanos();
    }

    void interruptIfLate(long now) {
      if (now - endNanos >= 0 && state.compareAndSet(State.WORKING, State.LATE)) {
        thread.interrupt();
      }
    }

    /// Whether it was interrupted for being late.
    boolean end() {
      state.compareAndSet(State.WORKING, State.DONE);
      return state.get() == State.LATE;
    }
  }

  /// @param longest for clients that ask for more or say nothing
  Deadlines(Duration longest, ScheduledExecutorService timers) {
    this.longest = longest;
    var _ =
        timers.scheduleWithFixedDelay(
            this::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    long now = System.nanoTime();
    all.forEach(each -> each.interruptIfLate(now));
  }

  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    Duration time = time(call);
    if (!call.request().mayWait()) {
      return next.handle(call);
    }
    Running running = new Running(time);
    all.add(running);
    try {
      return next.handle(call);
    } catch (InterruptedException e) {
      if (running.end()) {
        throw new ApiException(tooLate(time), e);
      }
      throw e;
    } finally {
      all.remove(running);
      if (running.end()) {
        // The interrupt may have come after the work: it is not for whoever runs here next.
        Thread.interrupted();
      }
    }
  }

  private Duration time(Call call) {
    String text = call.params().text("timeout");
    if (text.isEmpty()) {
      return longest;
    }
    Duration wanted = GoDuration.parse(text).toDuration();
    return wanted.isPositive() && wanted.compareTo(longest) < 0 ? wanted : longest;
  }

  private static Status tooLate(Duration time) {
    return Status.failure(
        StatusReason.TIMEOUT,
        "the request did not complete within " + time.toMillis() + " ms, the time allowed to it",
        null);
  }
}
