package dev.otherix.apimachinery.apply;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A set of paths into an object, kept as a trie of sorted arrays. Immutable and safe to share; an
/// operation that changes nothing returns one of its operands.
///
/// A path and a path below it are independent members: owning `.spec.ports[name="http"]` (the item)
/// is not owning `.spec.ports[name="http"].port`.
public final class FieldSet {
  public static final FieldSet EMPTY =
      new FieldSet(new PathElement[0], new boolean[0], new FieldSet[0]);

  private final PathElement[] elements;
  private final boolean[] members;
  private final FieldSet[] children;

  private FieldSet(PathElement[] elements, boolean[] members, FieldSet[] children) {
    this.elements = elements;
    this.members = members;
    this.children = children;
  }

  /// The set of the one path; the path must not be empty.
  public static FieldSet of(List<PathElement> path) {
    FieldSet set = EMPTY;
    for (int i = path.size() - 1; i >= 0; i--) {
      set = new Builder().add(path.get(i), i == path.size() - 1, set).build();
    }
    return set;
  }

  /// The set of the one path of object members, such as `.spec.replicas`.
  public static FieldSet ofFields(String... names) {
    List<PathElement> path = new ArrayList<>(names.length);
    for (String name : names) {
      path.add(new PathElement.Field(name));
    }
    return of(path);
  }

  public boolean isEmpty() {
    return elements.length == 0;
  }

  /// How many paths are members.
  public int size() {
    int size = 0;
    for (int i = 0; i < elements.length; i++) {
      size += (members[i] ? 1 : 0) + children[i].size();
    }
    return size;
  }

  public boolean has(List<PathElement> path) {
    FieldSet at = this;
    for (int i = 0; i < path.size() - 1; i++) {
      at = at.below(path.get(i));
    }
    return !path.isEmpty() && at.hasMember(path.getLast());
  }

  /// Whether the path of this one element is a member.
  public boolean hasMember(PathElement element) {
    int at = Arrays.binarySearch(elements, element);
    return at >= 0 && members[at];
  }

  /// The paths that go on below `element`, without it.
  public FieldSet below(PathElement element) {
    int at = Arrays.binarySearch(elements, element);
    return at >= 0 ? children[at] : EMPTY;
  }

  /// How many elements this level has, be they members or only steps to members.
  int width() {
    return elements.length;
  }

  PathElement elementAt(int i) {
    return elements[i];
  }

  boolean memberAt(int i) {
    return members[i];
  }

  FieldSet belowAt(int i) {
    return children[i];
  }

  public FieldSet union(FieldSet other) {
    if (other.isEmpty()) {
      return this;
    }
    return isEmpty() ? other : combine(Operation.UNION, other);
  }

  public FieldSet intersection(FieldSet other) {
    if (isEmpty()) {
      return this;
    }
    return other.isEmpty() ? EMPTY : combine(Operation.INTERSECTION, other);
  }

  /// The members that are not members of `other`; a path below a member of `other` stays.
  public FieldSet difference(FieldSet other) {
    return isEmpty() || other.isEmpty() ? this : combine(Operation.DIFFERENCE, other);
  }

  /// The members that are neither members of `other` nor below one.
  public FieldSet recursiveDifference(FieldSet other) {
    return isEmpty() || other.isEmpty() ? this : combine(Operation.RECURSIVE_DIFFERENCE, other);
  }

  /// The members that have no member below them.
  public FieldSet leaves() {
    Builder out = new Builder(elements.length);
    for (int i = 0; i < elements.length; i++) {
      out.add(elements[i], members[i] && children[i].isEmpty(), children[i].leaves());
    }
    return out.build();
  }

  /// Every member, the short paths of a level first; made for messages and tests.
  public List<List<PathElement>> paths() {
    List<List<PathElement>> paths = new ArrayList<>();
    collect(List.of(), paths);
    return paths;
  }

  private void collect(List<PathElement> prefix, List<List<PathElement>> paths) {
    for (int i = 0; i < elements.length; i++) {
      if (members[i]) {
        paths.add(append(prefix, elements[i]));
      }
    }
    for (int i = 0; i < elements.length; i++) {
      children[i].collect(append(prefix, elements[i]), paths);
    }
  }

  private static List<PathElement> append(List<PathElement> prefix, PathElement last) {
    List<PathElement> path = new ArrayList<>(prefix);
    path.add(last);
    return List.copyOf(path);
  }

  private enum Operation {
    UNION,
    INTERSECTION,
    DIFFERENCE,
    RECURSIVE_DIFFERENCE
  }

  private FieldSet combine(Operation operation, FieldSet other) {
    Builder out = new Builder(elements.length + other.elements.length);
    boolean keepLeft = operation != Operation.INTERSECTION;
    int i = 0;
    int j = 0;
    while (i < elements.length && j < other.elements.length) {
      int order = elements[i].compareTo(other.elements[j]);
      if (order == 0) {
        combineAt(operation, i++, other, j++, out);
      } else if (order < 0) {
        out.copyIf(keepLeft, this, i++);
      } else {
        out.copyIf(operation == Operation.UNION, other, j++);
      }
    }
    for (; i < elements.length; i++) {
      out.copyIf(keepLeft, this, i);
    }
    for (; j < other.elements.length; j++) {
      out.copyIf(operation == Operation.UNION, other, j);
    }
    return out.build();
  }

  private void combineAt(Operation operation, int i, FieldSet other, int j, Builder out) {
    boolean mine = members[i];
    boolean others = other.members[j];
    FieldSet below = children[i];
    FieldSet othersBelow = other.children[j];
    switch (operation) {
      case UNION -> out.add(elements[i], mine || others, below.union(othersBelow));
      case INTERSECTION -> out.add(elements[i], mine && others, below.intersection(othersBelow));
      case DIFFERENCE -> out.add(elements[i], mine && !others, below.difference(othersBelow));
      case RECURSIVE_DIFFERENCE -> {
        if (!others) {
          out.add(elements[i], mine, below.recursiveDifference(othersBelow));
        }
      }
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other == this
        || (other instanceof FieldSet that
            && Arrays.equals(members, that.members)
            && Arrays.equals(elements, that.elements)
            && Arrays.equals(children, that.children));
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(elements) + Arrays.hashCode(members))
        + Arrays.hashCode(children);
  }

  /// The paths, one per line.
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (List<PathElement> path : paths()) {
      out.append(out.isEmpty() ? "" : "\n").append(PathElement.text(path));
    }
    return out.toString();
  }

  /// Collects one level, in any order. Confined to its maker; spent after [#build].
  static final class Builder {
    private PathElement[] elements;
    private boolean[] members;
    private FieldSet[] children;
    private int size;
    private boolean sorted = true;

    Builder() {
      this(4);
    }

    Builder(int capacity) {
      elements = new PathElement[capacity];
      members = new boolean[capacity];
      children = new FieldSet[capacity];
    }

    /// Adds nothing when `element` is neither a member nor leads to one.
    Builder add(PathElement element, boolean member, FieldSet below) {
      if (!member && below.isEmpty()) {
        return this;
      }
      if (size == elements.length) {
        int larger = Math.max(4, 2 * size);
        elements = Arrays.copyOf(elements, larger);
        members = Arrays.copyOf(members, larger);
        children = Arrays.copyOf(children, larger);
      }
      sorted = sorted && (size == 0 || elements[size - 1].compareTo(element) < 0);
      elements[size] = element;
      members[size] = member;
      children[size] = below;
      size++;
      return this;
    }

    private void copyIf(boolean wanted, FieldSet from, int i) {
      if (wanted) {
        add(from.elements[i], from.members[i], from.children[i]);
      }
    }

    FieldSet build() {
      if (size == 0) {
        return EMPTY;
      }
      if (!sorted) {
        return buildSorted();
      }
      return new FieldSet(
          size == elements.length ? elements : Arrays.copyOf(elements, size),
          size == members.length ? members : Arrays.copyOf(members, size),
          size == children.length ? children : Arrays.copyOf(children, size));
    }

    private FieldSet buildSorted() {
      Integer[] order = new Integer[size];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, (a, b) -> elements[a].compareTo(elements[b]));
      Builder out = new Builder(size);
      for (int at : order) {
        int last = out.size - 1;
        if (last >= 0 && out.elements[last].equals(elements[at])) {
          out.members[last] |= members[at];
          out.children[last] = out.children[last].union(children[at]);
        } else {
          out.add(elements[at], members[at], children[at]);
        }
      }
      return out.build();
    }
  }
}
