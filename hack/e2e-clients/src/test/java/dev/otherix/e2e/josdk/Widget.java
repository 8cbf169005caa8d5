package dev.otherix.e2e.josdk;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;

/// Something that is made of parts. The kind is `widgets.yaml` of the example.
@Group("example.io")
@Version("v1")
public final class Widget extends CustomResource<Widget.Spec, Widget.Status> implements Namespaced {
  private static final long serialVersionUID = 1;

  /// What it should be.
  public static final class Spec {
    public int parts;
    public String color = "";
  }

  /// What it is.
  public static final class Status {
    public List<Condition> conditions = List.of();
  }
}
