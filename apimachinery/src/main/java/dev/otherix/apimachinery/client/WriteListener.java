package dev.otherix.apimachinery.client;

import dev.otherix.apimachinery.object.GroupVersionResource;

/// Hears of every write that a client did, on the thread that did it.
@FunctionalInterface
public interface WriteListener {
  WriteListener NONE = (_, _) -> {};

  /// @param resourceVersion of the object as it is since the write
  void written(GroupVersionResource resource, String resourceVersion);
}
