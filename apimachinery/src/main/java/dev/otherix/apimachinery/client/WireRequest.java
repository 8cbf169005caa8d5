package dev.otherix.apimachinery.client;

import java.time.Duration;
import java.util.Map;

/// One request as a [Transport] sends it.
///
/// @param path percent-encoded, begins with a slash
/// @param query percent-encoded, without the question mark; empty when there is none
/// @param headers names in lower case
/// @param body empty when there is none; not to be changed
/// @param deadline for the whole exchange; for a stream until it begins
public record WireRequest(
    String method,
    String path,
    String query,
    Map<String, String> headers,
    byte[] body,
    Duration deadline) {
  public WireRequest {
    headers = Map.copyOf(headers);
  }

  /// `GET /api/v1/secrets`: for messages.
  public String brief() {
    return method + " " + path;
  }

  /// Whether the server's state is the same after it.
  public boolean reads() {
    return method.equals("GET") || method.equals("HEAD");
  }

  WireRequest with(Map<String, String> others) {
    return new WireRequest(method, path, query, others, body, deadline);
  }

  /// The same, given up after this time if its own is longer.
  WireRequest within(Duration atMost) {
    return atMost.compareTo(deadline) >= 0
        ? this
        : new WireRequest(method, path, query, headers, body, atMost);
  }
}
