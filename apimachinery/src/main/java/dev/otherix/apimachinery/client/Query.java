package dev.otherix.apimachinery.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// The query of a URL in the making.
final class Query {
  private final StringBuilder text = new StringBuilder();

  /// Adds nothing for an empty value.
  Query add(String name, String value) {
    if (!value.isEmpty()) {
      if (!text.isEmpty()) {
        text.append('&');
      }
      text.append(name).append('=').append(encode(value));
    }
    return this;
  }

  Query addTrue(String name, boolean value) {
    return value ? add(name, "true") : this;
  }

  /// Adds nothing for zero.
  Query addNumber(String name, long value) {
    return value > 0 ? add(name, Long.toString(value)) : this;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  /// For one segment of a path or one value of a query.
  static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
