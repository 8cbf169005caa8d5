package dev.otherix.apimachinery.object;

import dev.otherix.apimachinery.status.ApiException;

/// The plural under which a kind is served, in one version of its group; the core group is empty.
public record GroupVersionResource(String group, String version, String resource) {

  /// @throws ApiException 400 when `apiVersion` is neither `version` nor `group/version`
  public static GroupVersionResource of(String apiVersion, String resource) {
    return GroupVersionKind.of(apiVersion, "").resource(resource);
  }

  public String apiVersion() {
    return group.isEmpty() ? version : group + '/' + version;
  }

  /// `widgets.example.io`, or `secrets` in the core group: how messages name a resource.
  public String groupResource() {
    return group.isEmpty() ? resource : resource + '.' + group;
  }

  /// `otherix/v1, Resource=vms`.
  @Override
  public String toString() {
    return apiVersion() + ", Resource=" + resource;
  }
}
