package dev.otherix.apimachinery.client;

/// What to list. Empty texts and zero mean: not said.
///
/// @param namespace empty for all of them and for cluster-scoped objects
/// @param resourceVersionMatch `Exact` or `NotOlderThan`
/// @param limit of one page
public record ListOptions(
    String namespace,
    String labelSelector,
    String fieldSelector,
    String resourceVersion,
    String resourceVersionMatch,
    int limit,
    String continueToken) {
  public static final ListOptions ALL = new ListOptions("", "", "", "", "", 0, "");

  public ListOptions inNamespace(String name) {
    return new ListOptions(
        name,
        labelSelector,
        fieldSelector,
        resourceVersion,
        resourceVersionMatch,
        limit,
        continueToken);
  }

  public ListOptions withSelectors(String labels, String fields) {
    return new ListOptions(
        namespace, labels, fields, resourceVersion, resourceVersionMatch, limit, continueToken);
  }

  public ListOptions withResourceVersion(String version, String match) {
    return new ListOptions(
        namespace, labelSelector, fieldSelector, version, match, limit, continueToken);
  }

  public ListOptions withLimit(int items) {
    return new ListOptions(
        namespace,
        labelSelector,
        fieldSelector,
        resourceVersion,
        resourceVersionMatch,
        items,
        continueToken);
  }

  /// The page behind the one that ended with `token`: a token carries its own revision.
  public ListOptions from(String token) {
    return new ListOptions(namespace, labelSelector, fieldSelector, "", "", limit, token);
  }

  Query query() {
    return new Query()
        .add("labelSelector", labelSelector)
        .add("fieldSelector", fieldSelector)
        .add("resourceVersion", resourceVersion)
        .add("resourceVersionMatch", resourceVersionMatch)
        .addNumber("limit", limit)
        .add("continue", continueToken);
  }
}
