package dev.otherix.apiserver.openapi;

import dev.otherix.apimachinery.codec.CanonicalJson;
import dev.otherix.apimachinery.schema.Kind;
import dev.otherix.apimachinery.schema.OpenApiV3;
import dev.otherix.apiserver.discovery.ServedDocument;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The OpenAPI v3 document of one group-version.
///
/// @param hash changes when the document does. It comes from the kinds, so that the index, which
///   has the hashes of all documents, costs none of them
record GroupVersionDocument(List<Kind> kinds, String hash, ServedDocument document) {

  static GroupVersionDocument of(String title, String version, List<Kind> kinds) {
    List<Kind> copy = List.copyOf(kinds);
    ServedDocument document =
        new ServedDocument(
            "application/json", () -> OpenApi.bytes(OpenApiV3.document(title, version, copy)));
    return new GroupVersionDocument(copy, hash(title + version, copy), document);
  }

  private static String hash(String salt, List<Kind> kinds) {
    byte[][] parts = new byte[1 + 2 * kinds.size()][];
    parts[0] = salt.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < kinds.size(); i++) {
      Kind kind = kinds.get(i);
      parts[1 + 2 * i] = kind.header().toString().getBytes(StandardCharsets.UTF_8);
      parts[2 + 2 * i] = CanonicalJson.encode(kind.schema().source());
    }
    return ServedDocument.hash(parts);
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
