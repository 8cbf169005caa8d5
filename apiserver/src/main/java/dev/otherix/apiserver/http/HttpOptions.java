package dev.otherix.apiserver.http;

import java.time.InstantSource;
import java.util.List;

/// How to start an [HttpServer].
///
/// @param clock for the `Date` header
public record HttpOptions(List<Listener> listeners, HttpLimits limits, InstantSource clock) {
  public HttpOptions {
    listeners = List.copyOf(listeners);
  }
}
