package dev.otherix.apiserver.registry;

import dev.otherix.apimachinery.selector.FieldSelector;
import dev.otherix.apimachinery.selector.LabelSelector;
import org.jspecify.annotations.Nullable;

/// What a client asks of a list, checked for sense by the endpoint.
///
/// @param namespace empty for all
/// @param revision null when the client named none; 0 for "any"
/// @param match null when the client said nothing
/// @param limit 0 for all
/// @param continueToken empty on the first page
public record ListQuery(
    String namespace,
    LabelSelector labels,
    FieldSelector fields,
    @Nullable Long revision,
    @Nullable Match match,
    int limit,
    String continueToken) {

  /// How a list relates to the revision that it names.
  public enum Match {
    EXACT,
    NOT_OLDER_THAN
  }

  /// Whether objects must be looked at to know which are meant.
  public boolean selects() {
    return !labels.isEverything() || !fields.isEverything();
  }

  /// Everything, as it is now.
  public static ListQuery all(String namespace) {
    return new ListQuery(
        namespace, LabelSelector.everything(), FieldSelector.everything(), null, null, 0, "");
  }
}
