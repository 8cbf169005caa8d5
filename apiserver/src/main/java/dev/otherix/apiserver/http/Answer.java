package dev.otherix.apiserver.http;

import java.util.function.BooleanSupplier;

/// What a handler answers.
public sealed interface Answer {
  int status();

  Headers headers();

  /// A body of known length.
  record Whole(int status, Headers headers, Body body) implements Answer {}

  /// Messages without a known end, each of which leaves at once; over HTTP each is a line. The
  /// header goes out before the first one.
  ///
  /// @param allowed whether it may go on; asked now and then, answers from memory
  record Stream(int status, Headers headers, MessageStream messages, BooleanSupplier allowed)
      implements Answer {
    /// One that nobody forbids.
    public Stream(int status, Headers headers, MessageStream messages) {
      this(status, headers, messages, () -> true);
    }

    /// The same while another condition holds too.
    public Stream during(BooleanSupplier other) {
      BooleanSupplier own = allowed;
      return new Stream(
          status, headers, messages, () -> own.getAsBoolean() && other.getAsBoolean());
    }
  }
}
