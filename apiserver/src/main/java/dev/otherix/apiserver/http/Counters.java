package dev.otherix.apiserver.http;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// What a server counts. Thread-safe.
final class Counters {
  final AtomicLong openConnections = new AtomicLong();
  final LongAdder refusedConnections = new LongAdder();
  final LongAdder handshakeFailures = new LongAdder();
  final LongAdder http1Requests = new LongAdder();
  final LongAdder http2Requests = new LongAdder();
  final LongAdder webSockets = new LongAdder();
  final LongAdder refusedRequests = new LongAdder();
  final AtomicLong runningHandlers = new AtomicLong();
  final AtomicLong bodyBytesInFlight = new AtomicLong();
  final LongAdder openStreams = new LongAdder();

  /// Adds to `counter` unless it would pass `max`.
  static boolean tryAdd(AtomicLong counter, long amount, long max) {
    if (counter.addAndGet(amount) > max) {
      counter.addAndGet(-amount);
      return false;
    }
    return true;
  }

  ServerStats stats() {
    return new ServerStats(
        openConnections.get(),
        refusedConnections.sum(),
        handshakeFailures.sum(),
        http1Requests.sum(),
        http2Requests.sum(),
        webSockets.sum(),
        refusedRequests.sum(),
        runningHandlers.get(),
        bodyBytesInFlight.get(),
        openStreams.sum());
  }
}
