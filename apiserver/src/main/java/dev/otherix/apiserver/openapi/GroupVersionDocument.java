package dev.otherix.apiserver.openapi;

import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.OpenApiV3;
import dev.otherix.apiserver.discovery.ServedDocument;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The OpenAPI v3 document of one group-version. Thread-safe.
final class GroupVersionDocument {
  private final String title;
  private final String version;
  private final List<Kind> kinds;
  private final ServedDocument document;
  private volatile @Nullable String hash;

  GroupVersionDocument(String title, String version, List<Kind> kinds) {
    this.title = title;
    this.version = version;
    this.kinds = List.copyOf(kinds);
    this.document =
        new ServedDocument(
            "application/json",
            () -> OpenApi.bytes(OpenApiV3.document(title, version, this.kinds)));
  }

  ServedDocument document() {
    return document;
  }

  boolean hashKnown() {
    return hash != null;
  }

  /// Changes when the document does. It comes from the kinds, so that the index, which has the
  /// hashes of all documents, costs none of them. May be computed twice, with the same result.
  String hash() {
    String known = hash;
    if (known == null) {
      known = ServedDocument.hash(parts());
      hash = known;
    }
    return known;
  }

  private byte[][] parts() {
    byte[][] parts = new byte[1 + 2 * kinds.size()][];
    parts[0] = (title + version).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < kinds.size(); i++) {
      Kind kind = kinds.get(i);
      parts[1 + 2 * i] = kind.header().toString().getBytes(StandardCharsets.UTF_8);
      parts[2 + 2 * i] = CanonicalJson.encode(kind.schema().source());
    }
    return parts;
  }

  /// Whether it is made of the same kinds, so that it can be kept.
  boolean isOf(List<Kind> others) {
    if (kinds.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < others.size(); i++) {
      if (kinds.get(i) != others.get(i)) {
        return false;
      }
    }
    return true;
  }
}
