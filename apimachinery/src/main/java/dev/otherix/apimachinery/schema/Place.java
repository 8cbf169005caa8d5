package dev.otherix.apimachinery.schema;

import dev.otherix.apimachinery.status.FieldPath;
import org.jspecify.annotations.Nullable;

/// Where a walk stands. Cheaper than a [FieldPath], which it becomes only when there is something
/// to report.
final class Place {
  static final Place ROOT = new Place(null, "", -1, false);

  private final @Nullable Place parent;
  private final String name;
  private final int index;
  private final boolean key;

  private Place(@Nullable Place parent, String name, int index, boolean key) {
    this.parent = parent;
    this.name = name;
    this.index = index;
    this.key = key;
  }

  Place member(String name) {
    return new Place(this, name, -1, false);
  }

  /// A member whose name is data: an entry of a map.
  Place key(String name) {
    return new Place(this, name, -1, true);
  }

  Place item(int index) {
    return new Place(this, "", index, false);
  }

  FieldPath path() {
    if (parent == null) {
      return FieldPath.ROOT;
    }
    FieldPath above = parent.path();
    if (index >= 0) {
      return above.index(index);
    }
    return key ? above.key(name) : above.child(name);
  }
}
