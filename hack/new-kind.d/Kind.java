package @PACKAGE@;

import dev.otherix.apimachinery.object.GroupVersionResource;
import dev.otherix.apimachinery.object.ObjectMeta;

/// A @KIND@, as `@PLURAL@.yaml` defines it.
public record @KIND@(ObjectMeta metadata, Spec spec) {
  public static final GroupVersionResource RESOURCE =
      new GroupVersionResource("@GROUP@", "v1", "@PLURAL@");

  /// What people want.
  public record Spec(int size) {}
}
