package dev.otherix.apiserver.http;

import java.time.Duration;

/// What a server takes before it refuses.
public record HttpLimits(Sizes sizes, Counts counts, Times times) {

  /// @param bodyBytesMax one request's body; more is 413
  /// @param bodiesBytesMax all bodies that are held at once; more is 429
  /// @param headerBytesMax all header fields of one request; more is 431
  /// @param uriBytesMax more is 414
  /// @param gzipBytesMin a shorter answer is not compressed
  public record Sizes(
      int bodyBytesMax,
      long bodiesBytesMax,
      int headerBytesMax,
      int uriBytesMax,
      int gzipBytesMin) {}

  /// @param eventLoops threads that move bytes; 0 for one per processor
  /// @param connectionsMax one more is closed at once
  /// @param handlersMax threads that may wait in a handler; one more request is 429
  /// @param streamsMax of one HTTP/2 connection at once
  /// @param resetsMax streams that a client may cancel on one connection in ten seconds
  public record Counts(
      int eventLoops, int connectionsMax, int handlersMax, int streamsMax, int resetsMax) {}

  /// @param handshake of TLS
  /// @param header from the first byte of a request to the end of its header; then 408
  /// @param body until the whole body is there; then 408
  /// @param idle a connection without a request
  /// @param stall a reader that takes nothing
  public record Times(
      Duration handshake, Duration header, Duration body, Duration idle, Duration stall) {}

  private static final int MIB = 1024 * 1024;

  public static final HttpLimits DEFAULT =
      new HttpLimits(
          new Sizes(3 * MIB, 192L * MIB, 64 * 1024, 16 * 1024, 128 * 1024),
          new Counts(0, 20_000, 4_096, 250, 500),
          new Times(
              Duration.ofSeconds(10),
              Duration.ofSeconds(10),
              Duration.ofSeconds(60),
              Duration.ofSeconds(90),
              Duration.ofSeconds(60)));

  public HttpLimits withSizes(Sizes sizes) {
    return new HttpLimits(sizes, counts, times);
  }

  public HttpLimits withCounts(Counts counts) {
    return new HttpLimits(sizes, counts, times);
  }

  public HttpLimits withTimes(Times times) {
    return new HttpLimits(sizes, counts, times);
  }
}
