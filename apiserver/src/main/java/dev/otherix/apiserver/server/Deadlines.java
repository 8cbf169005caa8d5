package dev.otherix.apiserver.server;

import dev.otherix.apimachinery.object.GoDuration;
import dev.otherix.apimachinery.status.ApiException;
import dev.otherix.apimachinery.status.Status;
import dev.otherix.apimachinery.status.StatusReason;
import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.request.Call;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Ends requests that take too long: interrupts their thread once the time is over, which every
/// wait in the server answers to. A watch has a time of its own.
final class Deadlines implements Filter {
  private final Duration longest;
  private final ScheduledExecutorService timers;

  /// @param longest for clients that ask for more or say nothing
  Deadlines(Duration longest, ScheduledExecutorService timers) {
    this.longest = longest;
    this.timers = timers;
  }

  @Override
  public Answer handle(Call call, Step next) throws InterruptedException {
    Duration time = time(call);
    if (!call.request().mayWait()) {
      return next.handle(call);
    }
    Thread thread = Thread.currentThread();
    AtomicBoolean running = new AtomicBoolean(true);
    AtomicBoolean late = new AtomicBoolean();
    Future<?> timer =
        timers.schedule(
            () -> {
              if (running.compareAndSet(true, false)) {
                late.set(true);
                thread.interrupt();
              }
            },
            time.toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      return next.handle(call);
    } catch (InterruptedException e) {
      if (late.get()) {
        throw new ApiException(tooLate(time), e);
      }
      throw e;
    } finally {
      if (!running.compareAndSet(true, false)) {
        // The interrupt may have come after the work: it is not for whoever runs here next.
        Thread.interrupted();
      }
      timer.cancel(false);
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
