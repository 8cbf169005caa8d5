package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;

/// Where an object stands among those of its kind. Orders by namespace, then by name.
///
/// @param namespace empty for a cluster-scoped object
public record ObjectKey(String namespace, String name) implements Comparable<ObjectKey> {

  public static ObjectKey clusterScoped(String name) {
    return new ObjectKey("", name);
  }

  /// Reads `name` or `namespace/name`.
  ///
  /// @throws ApiException 400 for anything else
  public static ObjectKey parse(String text) {
    int slash = text.indexOf('/');
    boolean wellFormed =
        !text.isEmpty()
            && slash != 0
            && slash != text.length() - 1
            && text.indexOf('/', slash + 1) < 0;
    if (slash < 0 && wellFormed) {
      return clusterScoped(text);
    }
    if (!wellFormed) {
      throw ApiException.badRequest(
          "\"" + text + "\" is not an object key; write \"name\" or \"namespace/name\"");
    }
    return new ObjectKey(text.substring(0, slash), text.substring(slash + 1));
  }

  @Override
  public int compareTo(ObjectKey other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  /// The form that [#parse] reads.
  @Override
  public String toString() {
    return namespace.isEmpty() ? name : namespace + '/' + name;
  }
}
