package dev.otherix.apimachinery.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is served below an object's own path.
///
/// @param status `.../status` exists, and the main path leaves `status` alone
/// @param actions names of imperative operations, such as `start`
/// @param updates names of paths that take a whole object by PUT, such as `finalize`
/// @param streams names of paths that answer a GET with bytes as they come, such as `log`
public record Subresources(
    boolean status,
    @Nullable Scale scale,
    List<String> actions,
    List<String> updates,
    List<String> streams) {
  public static final Subresources NONE =
      new Subresources(false, null, List.of(), List.of(), List.of());

  public Subresources {
    actions = List.copyOf(actions);
    updates = List.copyOf(updates);
    streams = List.copyOf(streams);
  }

  /// Where `.../scale` finds its numbers; all are plain dotted paths.
  ///
  /// @param labelSelector the path of a selector in text form, absent where there is none
  public record Scale(
      JsonPath specReplicas, JsonPath statusReplicas, @Nullable JsonPath labelSelector) {}
}
