package dev.otherix.e2e.clients;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The kind of `widgets.txt`, in the form that fabric8's typed access wants.
@Group("example.io")
@Version("v1")
final class Widget extends CustomResource<Widget.Spec, Widget.Status> implements Namespaced {
  private static final long serialVersionUID = 1;

  /// What it should be.
  static final class Spec {
    public @Nullable Integer size;
    public @Nullable String colour;
  }

  /// What it is.
  static final class Status {
    public @Nullable Integer size;
  }

  static Widget named(String name, int size) {
    Widget widget = new Widget();
    widget.getMetadata().setName(name);
    widget.getMetadata().setNamespace("default");
    Spec spec = new Spec();
    spec.size = size;
    widget.setSpec(spec);
    return widget;
  }

  Widget labelled(String key, String value) {
    getMetadata().setLabels(Map.of(key, value));
    return this;
  }

  int size() {
    Integer size = getSpec().size;
    if (size == null) {
      throw new AssertionError(getMetadata().getName() + " has no size");
    }
    return size;
  }

  String colour() {
    return String.valueOf(getSpec().colour);
  }
}
