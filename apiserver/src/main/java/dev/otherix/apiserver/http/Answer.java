package dev.otherix.apiserver.http;

/// What a handler answers.
public sealed interface Answer {
  int status();

  Headers headers();

  /// A body of known length.
  record Whole(int status, Headers headers, Body body) implements Answer {}

  /// Messages without a known end, each of which leaves at once; over HTTP each is a line. The
  /// header goes out before the first one.
  record Stream(int status, Headers headers, MessageStream messages) implements Answer {}
}
