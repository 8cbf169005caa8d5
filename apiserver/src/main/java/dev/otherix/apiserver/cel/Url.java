package dev.otherix.apiserver.cel;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An absolute URL, or an absolute path.
record Url(URI uri) {
  /// Null where the text is neither.
  static @Nullable Url parse(String text) {
    try {
      URI uri = new URI(text);
      return uri.isAbsolute() || text.startsWith("/") ? new Url(uri) : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }

  String scheme() {
    return uri.getScheme() == null ? "" : uri.getScheme();
  }

  /// With the port.
  String host() {
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    return authority.substring(authority.indexOf('@') + 1);
  }

  String hostname() {
    String host = host();
    if (host.startsWith("[")) {
      return host.substring(1, host.indexOf(']') < 0 ? host.length() : host.indexOf(']'));
    }
    return host.indexOf(':') < 0 ? host : host.substring(0, host.indexOf(':'));
  }

  String port() {
    String host = host();
    int colon = host.indexOf(':', host.indexOf(']') + 1);
    return colon < 0 ? "" : host.substring(colon + 1);
  }

  String path() {
    return uri.getRawPath() == null ? "" : uri.getRawPath();
  }

  MapValue query() {
    LinkedHashMap<Object, Object> entries = new LinkedHashMap<>();
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String key = decoded(equals < 0 ? pair : pair.substring(0, equals));
      if (key == null || pair.isEmpty()) {
        continue;
      }
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      List<Object> values = new ArrayList<>();
      if (entries.get(key) instanceof ListValue.Items before) {
        values.addAll(before.items());
      }
      if (value != null) {
        values.add(value);
        entries.put(key, new ListValue.Items(values));
      }
    }
    return new MapValue.Entries(entries);
  }

  private static @Nullable String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
