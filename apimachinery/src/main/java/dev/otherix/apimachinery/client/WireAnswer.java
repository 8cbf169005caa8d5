package dev.otherix.apimachinery.client;

import java.util.List;
import java.util.Map;

/// One whole answer.
///
/// @param headers names in lower case
public record WireAnswer(int status, Map<String, List<String>> headers, byte[] body) {
  public WireAnswer {
    headers = Map.copyOf(headers);
  }

  public List<String> all(String name) {
    return headers.getOrDefault(name, List.of());
  }

  /// Empty when there is none.
  public String first(String name) {
    List<String> values = all(name);
    return values.isEmpty() ? "" : values.getFirst();
  }

  public boolean succeeded() {
    return status >= 200 && status < 300;
  }
}
