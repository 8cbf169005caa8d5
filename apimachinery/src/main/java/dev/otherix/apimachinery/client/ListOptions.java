package dev.otherix.apimachinery.client;

/// What to list. Empty texts and zero mean: not said.
///
/// @param namespace empty for all of them and for cluster-scoped objects
/// @param resourceVersionMatch `Exact` or `NotOlderThan`
/// @param limit of one page
/// @param includeObject whether the rows of a table carry whole objects
public record ListOptions(
    String namespace,
    String labelSelector,
    String fieldSelector,
    String resourceVersion,
    String resourceVersionMatch,
    int limit,
    String continueToken,
    boolean includeObject) {
  public static final ListOptions ALL = new ListOptions("", "", "", "", "", 0, "", false);

  public ListOptions inNamespace(String name) {
    return new ListOptions(
        name,
        labelSelector,
        fieldSelector,
        resourceVersion,
        resourceVersionMatch,
        limit,
        continueToken,
        includeObject);
  }

  public ListOptions withSelectors(String labels, String fields) {
    return new ListOptions(
        namespace,
        labels,
        fields,
        resourceVersion,
        resourceVersionMatch,
        limit,
        continueToken,
        includeObject);
  }

  public ListOptions withResourceVersion(String version, String match) {
    return new ListOptions(
        namespace,
        labelSelector,
        fieldSelector,
        version,
        match,
        limit,
        continueToken,
        includeObject);
  }

  public ListOptions withLimit(int items) {
    return new ListOptions(
        namespace,
        labelSelector,
        fieldSelector,
        resourceVersion,
        resourceVersionMatch,
        items,
        continueToken,
        includeObject);
  }

  public ListOptions withIncludeObject(boolean whole) {
    return new ListOptions(
        namespace,
        labelSelector,
        fieldSelector,
        resourceVersion,
        resourceVersionMatch,
        limit,
        continueToken,
        whole);
  }

  /// The page behind the one that ended with `token`: a token carries its own revision.
  public ListOptions from(String token) {
    return new ListOptions(
        namespace, labelSelector, fieldSelector, "", "", limit, token, includeObject);
  }

  Query query() {
    return new Query()
        .add("labelSelector", labelSelector)
        .add("fieldSelector", fieldSelector)
        .add("resourceVersion", resourceVersion)
        .add("resourceVersionMatch", resourceVersionMatch)
        .addNumber("limit", limit)
        .add("continue", continueToken)
        .add("includeObject", includeObject ? "Object" : "");
  }
}
