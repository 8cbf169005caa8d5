package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;

/// A kind in one version of its group; the core group is empty.
public record GroupVersionKind(String group, String version, String kind) {

  /// Reads the two members that name an object's kind: `otherix/v1` and `VM`, `v1` and `Secret`.
  ///
  /// @throws ApiException 400 when `apiVersion` is neither `version` nor `group/version`
  public static GroupVersionKind of(String apiVersion, String kind) {
    int slash = groupEnd(apiVersion);
    return new GroupVersionKind(
        slash < 0 ? "" : apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
  }

  /// What an object's `apiVersion` member says.
  public String apiVersion() {
    return group.isEmpty() ? version : group + '/' + version;
  }

  public GroupVersionResource resource(String plural) {
    return new GroupVersionResource(group, version, plural);
  }

  /// `otherix/v1, Kind=VM`.
  @Override
  public String toString() {
    return apiVersion() + ", Kind=" + kind;
  }

  /// The index of the slash in an apiVersion, -1 in the core group.
  static int groupEnd(String apiVersion) {
    int slash = apiVersion.indexOf('/');
    if (apiVersion.isEmpty()
        || slash == 0
        || slash == apiVersion.length() - 1
        || (slash > 0 && apiVersion.indexOf('/', slash + 1) >= 0)) {
      throw ApiException.badRequest(
          "unexpected apiVersion \""
              + apiVersion
              + "\"; write \"group/version\", or \"version\" for the core group");
    }
    return slash;
  }
}
