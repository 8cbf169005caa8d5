package dev.otherix.apiserver.builtin;

import dev.otherix.apimachinery.status.FieldError;
import dev.otherix.apimachinery.status.FieldPath;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// An event lives for an hour, beside the object that it is about; events of cluster-scoped objects
/// live in `default`.
final class EventRules implements KindRules {
  static final Duration TIME_TO_LIVE = Duration.ofHours(1);

  @Override
  public List<FieldError> validate(@Nullable ObjectNode old, ObjectNode changed) {
    String namespace = changed.path("metadata").path("namespace").asString("");
    String about = changed.path("involvedObject").path("namespace").asString("");
    boolean fits = about.isEmpty() ? namespace.equals("default") : about.equals(namespace);
    if (fits || namespace.isEmpty()) {
      return List.of();
    }
    return List.of(
        FieldError.invalid(
            FieldPath.ROOT.at("involvedObject", "namespace"),
            changed.path("involvedObject").get("namespace"),
            "does not match the event's namespace \""
                + namespace
                + "\"; events of cluster-scoped objects belong in default"));
  }

  @Override
  public Duration timeToLive() {
    return TIME_TO_LIVE;
  }

  @Override
  public String selectorField(String name) {
    return name.equals("source") ? "source.component" : name;
  }
}
