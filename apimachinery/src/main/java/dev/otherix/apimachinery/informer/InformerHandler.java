package dev.otherix.apimachinery.informer;

import dev.otherix.apimachinery.object.ObjectKey;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Hears how a collection changes. One thread calls it, one change at a time. A handler that is
/// slower than the changes hears of each object's latest state and misses those in between:
/// `before` is what the handler heard last. Of an object that came and went in between it hears all
/// the same, as gone, with the state that it had last. It may delay nobody but itself.
@FunctionalInterface
public interface InformerHandler {
  /// The trees are shared with others, and throw when they are changed. When both are there and
  /// their uids differ, one object was deleted and another one created in its place.
  ///
  /// @param before null when the object is new to the handler
  /// @param after null when it is gone
  void changed(ObjectKey key, @Nullable ObjectNode before, @Nullable ObjectNode after);
}
