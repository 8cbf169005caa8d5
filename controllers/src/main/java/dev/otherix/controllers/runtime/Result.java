package dev.otherix.controllers.runtime;

import java.time.Duration;

/// What a [Reconciler] wants to happen next. A failure is an exception, not a result.
public sealed interface Result {
  Result DONE = new Done();
  Result AGAIN = new Again();

  /// Nothing until something changes.
  record Done() implements Result {}

  /// Another look after this time, or sooner when something changes.
  record After(Duration time) implements Result {}

  /// Another look soon, and ever later while that goes on: for waiting on somebody else.
  record Again() implements Result {}

  static Result after(Duration time) {
    return new After(time);
  }
}
