package dev.otherix.apimachinery.client;

import tools.jackson.databind.node.ObjectNode;

/// What waiting for an event of a watch brings.
public sealed interface WatchEvent {
  /// A change of an object.
  ///
  /// @param object as it is since, or as it was last when it was deleted; its resourceVersion is
  ///   the one of the change
  record Changed(Type type, ObjectNode object) implements WatchEvent {}

  /// The stream has told everything up to this revision.
  ///
  /// @param endsInitialEvents whether the present objects have all come now
  record Bookmark(String resourceVersion, boolean endsInitialEvents) implements WatchEvent {}

  /// Nothing happened in the time that was given.
  record Quiet() implements WatchEvent {}

  /// The stream ended; it can go on from the last revision.
  record End() implements WatchEvent {}

  /// What happened to an object, as far as the watch's selectors let see.
  enum Type {
    ADDED,
    MODIFIED,
    DELETED
  }
}
