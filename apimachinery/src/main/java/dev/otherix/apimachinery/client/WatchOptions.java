package dev.otherix.apimachinery.client;

/// What to watch. Empty texts and zero mean: not said.
///
/// @param namespace empty for all of them and for cluster-scoped objects
/// @param resourceVersion after which changes are wanted
/// @param initialEvents whether the present objects come first, with a bookmark at their end
/// @param bookmarks whether the server should tell how far the stream is
public record WatchOptions(
    String namespace,
    String labelSelector,
    String fieldSelector,
    String resourceVersion,
    boolean initialEvents,
    boolean bookmarks,
    int timeoutSeconds) {
  /// Everything, the present objects first.
  public static final WatchOptions ALL = new WatchOptions("", "", "", "", false, false, 0);

  public WatchOptions inNamespace(String name) {
    return new WatchOptions(
        name,
        labelSelector,
        fieldSelector,
        resourceVersion,
        initialEvents,
        bookmarks,
        timeoutSeconds);
  }

  public WatchOptions withSelectors(String labels, String fields) {
    return new WatchOptions(
        namespace, labels, fields, resourceVersion, initialEvents, bookmarks, timeoutSeconds);
  }

  public WatchOptions after(String version) {
    return new WatchOptions(
        namespace, labelSelector, fieldSelector, version, initialEvents, bookmarks, timeoutSeconds);
  }

  public WatchOptions withInitialEvents() {
    return new WatchOptions(
        namespace, labelSelector, fieldSelector, resourceVersion, true, true, timeoutSeconds);
  }

  public WatchOptions withBookmarks() {
    return new WatchOptions(
        namespace,
        labelSelector,
        fieldSelector,
        resourceVersion,
        initialEvents,
        true,
        timeoutSeconds);
  }

  public WatchOptions withTimeoutSeconds(int seconds) {
    return new WatchOptions(
        namespace,
        labelSelector,
        fieldSelector,
        resourceVersion,
        initialEvents,
        bookmarks,
        seconds);
  }

  Query query() {
    return new Query()
        .addTrue("watch", true)
        .add("labelSelector", labelSelector)
        .add("fieldSelector", fieldSelector)
        .add("resourceVersion", resourceVersion)
        .add("resourceVersionMatch", initialEvents ? "NotOlderThan" : "")
        .addTrue("sendInitialEvents", initialEvents)
        .addTrue("allowWatchBookmarks", bookmarks)
        .addNumber("timeoutSeconds", timeoutSeconds);
  }
}
