package dev.otherix.controllers.scheduler;

import java.util.List;

/// Where a machine goes, or why nowhere. Either way every node that was looked at and not taken is
/// explained.
public sealed interface Decision {
  List<Rejection> rejections();

  /// @param score the lower the better
  record Placed(String node, double score, List<Rejection> rejections) implements Decision {
    public Placed {
      rejections = List.copyOf(rejections);
    }
  }

  /// @param reason one word: that of the node that came nearest
  /// @param message for people
  record Unplaced(String reason, String message, List<Rejection> rejections) implements Decision {
    public Unplaced {
      rejections = List.copyOf(rejections);
    }
  }
}
