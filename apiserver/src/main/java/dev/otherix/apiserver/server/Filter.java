package dev.otherix.apiserver.server;

import dev.otherix.apiserver.http.Answer;
import dev.otherix.apiserver.request.Call;
import java.util.function.LongConsumer;

/// One step that every request passes. Knows no kinds. May be passed twice by one request: see
/// [dev.otherix.apiserver.http.WouldWait].
@FunctionalInterface
interface Filter {
  Answer handle(Call call, Step next) throws InterruptedException;

  /// All that comes after a filter.
  @FunctionalInterface
  interface Step {
    Answer handle(Call call) throws InterruptedException;
  }

  /// The same, and tells what it takes until it hands on, in nanoseconds.
  default Filter measured(LongConsumer took) {
    return (call, next) -> {
      long began = System.nanoTime();
      return handle(
          call,
          passed -> {
            took.accept(System.nanoTime() - began);
            return next.handle(passed);
          });
    };
  }

  default Step before(Step next) {
    return call -> handle(call, next);
  }
}
